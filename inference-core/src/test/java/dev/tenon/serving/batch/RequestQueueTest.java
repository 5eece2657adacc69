package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.serving.Call;
import dev.tenon.serving.run.RowGroup;
import dev.tenon.serving.run.RowShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lanes: their order, the size of batches while they compete, and requests that leave from anywhere. */
@Tag("short")
class RequestQueueTest {
    private static final int MOST = 32;
    private static final int BRIEF = 8;
    private static final long SECOND = 1_000_000_000;

    private final RequestQueue queue = new RequestQueue();
    private final RowGroup group = group();

    /** Shapes of which it is known how long they take: 8 rows less than twice as long as one. */
    private static RowGroup group() {
        RowGroup group = new RowGroup(null, new RowShape(new long[] {2, 1}), false);
        for (int rows = 1; rows <= MOST; rows *= 2) {
            group.gain.record(rows, 90_000L + 10_000L * rows);
        }
        return group;
    }

    private Request request(String lane, int rows) {
        return new Request(null, Map.of(), Call.standard().lane(lane), 0, rows, group, null);
    }

    private void add(String lane, int count) {
        for (int i = 0; i < count; i++) {
            queue.add(request(lane, 1));
        }
    }

    private List<String> take(long now) {
        return queue.take(MOST, now).members().stream().map(r -> r.call.lane()).toList();
    }

    @Test
    void aLaneThatIsAloneGetsLargeBatches() {
        add("flood", 200);
        assertThat(take(0)).hasSize(MOST);
    }

    @Test
    void batchesAreBriefWhileALaneFloodsBesideAQuietOne() {
        add("flood", 200);
        add("quiet", 1);
        assertThat(take(0))
                .as("at most twice the time of a call alone")
                .hasSize(BRIEF)
                .contains("quiet");
        assertThat(take(SECOND / 2)).as("a quiet call may come while it runs").hasSize(BRIEF);
        assertThat(take(2 * SECOND)).as("none came for a second").hasSize(MOST);
    }

    @Test
    void aQuietLaneIsServedBeforeAFlood() {
        add("flood", 400);
        for (int i = 0; i < 5; i++) {
            take(0);
        }
        add("quiet", 3);
        assertThat(take(0)).hasSize(BRIEF).startsWith("quiet", "quiet", "quiet");
    }

    @Test
    void aLaneDoesNotSaveMoreThanAFewTurns() {
        add("one", 1);
        take(0);
        add("two", 300);
        for (int i = 0; i < 5; i++) {
            take(0);
        }
        add("one", 300);
        List<String> order = new ArrayList<>();
        while (order.size() < 100) {
            order.addAll(take(0));
        }
        long ones = order.stream().limit(100).filter("one"::equals).count();
        assertThat(ones).isBetween(50L, 56L);
    }

    @Test
    void lanesThatAllHaveManyCallsShareLargeBatches() {
        add("one", 100);
        add("two", 100);
        List<String> taken = take(0);
        assertThat(taken).hasSize(MOST);
        assertThat(taken.stream().filter("one"::equals)).hasSize(MOST / 2);
    }

    @Test
    void manyLanesShareLargeBatches() {
        add("flood", 200);
        for (int i = 0; i < 20; i++) {
            add("lane " + i, 1);
        }
        assertThat(take(0)).hasSize(MOST).contains("lane 0", "lane 19");
    }

    @Test
    void requestsLeaveFromAnywhereAndTheOthersKeepTheirOrder() {
        long seed = System.nanoTime();
        System.out.println("RequestQueueTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Request> expected = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            int what = random.nextInt(100);
            if (what < 60 - expected.size() / 20) {
                Request r = request("lane", 1 + random.nextInt(3));
                queue.add(r);
                expected.addLast(r);
            } else if (what < 80 && !expected.isEmpty()) {
                queue.remove(expected.remove(random.nextInt(expected.size())), now);
            } else if (!expected.isEmpty()) {
                List<Request> taken = queue.take(1 + random.nextInt(MOST), now).members();
                assertThat(taken).isEqualTo(firstThatFit(expected, taken));
                if (random.nextInt(3) == 0) {
                    queue.putBack(taken);
                } else {
                    expected.removeAll(taken);
                }
                expected = new ArrayList<>(inOrder(expected, taken));
            }
            assertThat(queue.rows())
                    .isEqualTo(expected.stream().mapToInt(r -> r.rows).sum());
            assertThat(queue.isEmpty()).isEqualTo(expected.isEmpty());
        }
    }

    /** The members of a batch, in the order in which they wait: the first of all is the first of them. */
    private static List<Request> firstThatFit(List<Request> waiting, List<Request> taken) {
        assertThat(taken.getFirst()).isSameAs(waiting.getFirst());
        return waiting.stream().filter(taken::contains).toList();
    }

    /** Requests that were put back come first. */
    private static List<Request> inOrder(List<Request> waiting, List<Request> taken) {
        List<Request> ordered = new ArrayList<>();
        taken.stream().filter(waiting::contains).forEach(ordered::add);
        waiting.stream().filter(r -> !taken.contains(r)).forEach(ordered::add);
        return ordered;
    }
}
