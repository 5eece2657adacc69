package dev.tenon.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Calls with random mates, lanes, deadlines and cancellations, from platform threads and virtual ones. Each call that
 * gets outputs gets the bits that it gets alone, and the counts add up.
 */
@Tag("tiers")
@Tag("costly")
@Tag("short")
class RandomCallsTest {
    private static final int THREADS = 12;
    private static final int INPUTS = 40;
    /** Calls that a thread makes at once, and the rows of the table that they ask for. */
    private static final int MATES = 20;

    private static final int TABLE = 100;
    /** Each element is rounded by single operations, so that it has the same bits on every tier. */
    private static final String ROWS = """
        graph rows(%x: f32[n,k]) {
          %axis = const i64[1] {-1}
          %s = Relu(%x)
          %m = ReduceMax<keepdims=1>(%x, %axis)
          %u = Mul(%s, %x)
          %y = Add(%u, %m)
          return %y
        }
        """;

    private static final String PICK = """
        graph pick(%i: i64[n]) {
          %table = const f32[100] @w100
          %y = Gather<axis=0>(%table, %i)
          return %y
        }
        """;

    private final AtomicLong done = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    private record Known(Map<String, Tensor> inputs, Tensor expected) {}

    private static List<Known> known(Session session, SplittableRandom random) {
        List<Known> known = new ArrayList<>();
        for (int i = 0; i < INPUTS; i++) {
            int rows = i % 10 == 0 ? 3 : 1;
            Tensor x = Tensor.allocate(DType.FLOAT32, rows, i % 3 == 0 ? 24 : 16);
            for (long k = 0; k < x.size(); k++) {
                x.setDouble(k, random.nextGaussian());
            }
            known.add(new Known(Map.of("x", x), session.predict(Map.of("x", x)).tensor("y")));
        }
        return known;
    }

    private Callable<Void> caller(Batcher batcher, List<Known> known, SplittableRandom random, int calls) {
        return () -> {
            for (int i = 0; i < calls; i++) {
                Known k = known.get(random.nextInt(known.size()));
                Cancellation cancellation = new Cancellation();
                Call call = Call.standard().lane("lane" + random.nextInt(3)).cancelledBy(cancellation);
                if (random.nextInt(8) == 0) {
                    call = call.within(Duration.ofNanos(1 + random.nextInt(200_000)));
                }
                if (random.nextInt(4) == 0) {
                    submit(batcher, k, call, cancellation, random.nextInt(3));
                } else {
                    predict(batcher, k, call);
                }
            }
            return null;
        };
    }

    private void predict(Batcher batcher, Known k, Call call) {
        try {
            check(k, batcher.predict(k.inputs(), call));
        } catch (DeadlineExceededException | OverloadedException | CancelledPredictionException e) {
            ended.incrementAndGet();
        }
    }

    private void submit(Batcher batcher, Known k, Call call, Cancellation cancellation, int how) throws Exception {
        CompletableFuture<Outputs> future = batcher.submit(k.inputs(), call);
        if (how == 1) {
            cancellation.cancel();
        } else if (how == 2) {
            future.cancel(true);
        }
        try {
            check(k, future.get());
        } catch (ExecutionException e) {
            assertThat(e.getCause())
                    .isInstanceOfAny(
                            DeadlineExceededException.class,
                            OverloadedException.class,
                            CancelledPredictionException.class);
            ended.incrementAndGet();
        } catch (CancellationException e) {
            ended.incrementAndGet();
        }
    }

    private void check(Known k, Outputs outputs) {
        assertThat(outputs.tensor("y").contentEquals(k.expected())).isTrue();
        done.incrementAndGet();
    }

    private void campaign(Session session, BatchOptions options, int calls) throws Exception {
        long seed = System.nanoTime();
        System.out.println("RandomCallsTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Known> known = known(session, random);
        Batcher batcher = Batcher.of(session, options);
        try (ExecutorService platform = Executors.newFixedThreadPool(THREADS / 2);
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> going = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                going.add((t % 2 == 0 ? platform : virtual)
                        .submit(caller(batcher, known, random.split(), calls / THREADS)));
            }
            for (Future<Void> g : going) {
                g.get();
            }
        }
        Calls.await(() -> batcher.statistics().running() == 0);
        BatchStatistics s = batcher.statistics();
        System.out.println("RandomCallsTest " + s);
        assertThat(s.queuedRows()).isZero();
        assertThat(s.failed()).isZero();
        assertThat(done.get() + ended.get()).isEqualTo((long) calls / THREADS * THREADS);
        assertThat(done.get()).isGreaterThan(calls / 3);
    }

    @Test
    @Tag("exhaustive")
    void aMillionCallsGetTheBitsThatTheyGetAlone() throws Exception {
        campaign(
                session(SmallModels.model(ROWS)),
                BatchOptions.standard().slots(1).maxRows(16),
                1_000_000);
    }

    @Test
    @Tag("exhaustive")
    void poisonFailsNobodyElseInAMillionCalls() throws Exception {
        poisonedCampaign(1_000_000);
    }

    private static Session session(Model model) {
        return model.session(SessionOptions.standard().threads(1));
    }

    @Test
    void callsGetTheBitsThatTheyGetAlone() throws Exception {
        campaign(
                session(SmallModels.model(ROWS)),
                BatchOptions.standard().slots(1).maxRows(16),
                24_000);
    }

    @Test
    void callsGetTheirBitsWithSeveralSlotsToo() throws Exception {
        campaign(
                session(SmallModels.model(ROWS)),
                BatchOptions.standard().slots(2).maxRows(8).maxWait(Duration.ofNanos(20_000)),
                12_000);
    }

    /** One call in a hundred has an index that the table does not have: it fails, and its mates get their own outputs. */
    private void poisonedCampaign(int calls) throws Exception {
        long seed = System.nanoTime();
        System.out.println("RandomCallsTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Batcher batcher = Batcher.of(
                session(SmallModels.model(PICK)), BatchOptions.standard().slots(1));
        AtomicLong poisoned = new AtomicLong();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Void>> going = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                SplittableRandom own = random.split();
                going.add(threads.submit(() -> {
                    for (int i = 0; i < calls / THREADS / MATES; i++) {
                        poisoned.addAndGet(callsWithPoison(batcher, own));
                    }
                    return null;
                }));
            }
            for (Future<Void> g : going) {
                g.get();
            }
        }
        Calls.await(() -> batcher.statistics().running() == 0);
        BatchStatistics s = batcher.statistics();
        System.out.println("RandomCallsTest " + s);
        assertThat(s.failed()).isEqualTo(poisoned.get()).isPositive();
        assertThat(s.calls() + s.failed()).isEqualTo((long) calls / THREADS / MATES * THREADS * MATES);
    }

    /** Some calls at once. Returns how many of them were poison. */
    private static int callsWithPoison(Batcher batcher, SplittableRandom random) throws Exception {
        List<CompletableFuture<Outputs>> futures = new ArrayList<>();
        long[] indices = new long[MATES];
        Tensor table = SmallModels.random(TABLE);
        int poisoned = 0;
        for (int i = 0; i < MATES; i++) {
            indices[i] = random.nextInt(100) == 0 ? TABLE : random.nextInt(TABLE);
            futures.add(batcher.submit(Map.of("i", Tensor.of(new long[] {indices[i]})), Call.standard()));
        }
        for (int i = 0; i < MATES; i++) {
            if (indices[i] == TABLE) {
                poisoned++;
                assertThat(futures.get(i))
                        .failsWithin(Duration.ofMinutes(1))
                        .withThrowableOfType(ExecutionException.class)
                        .withCauseInstanceOf(InvalidOperandException.class);
            } else {
                assertThat(futures.get(i).get().tensor("y").getFloat(0)).isEqualTo(table.getFloat(indices[i]));
            }
        }
        return poisoned;
    }

    @Test
    void poisonFailsNobodyElse() throws Exception {
        poisonedCampaign(4_800);
    }

    /** Calls with neither deadline nor cancellation, some of which their users cancel. Returns how many were cancelled in time. */
    private static int cancelledCalls(Batcher batcher, SplittableRandom random) throws Exception {
        Tensor table = SmallModels.random(TABLE);
        List<CompletableFuture<Outputs>> futures = new ArrayList<>();
        for (int i = 0; i < MATES; i++) {
            futures.add(batcher.submit(Map.of("i", Tensor.of(new long[] {i})), Call.standard()));
        }
        int cancelled = 0;
        for (int i = 0; i < MATES; i++) {
            if (random.nextInt(3) == 0 && futures.get(i).cancel(true)) {
                cancelled++;
            } else {
                assertThat(futures.get(i).get().tensor("y").getFloat(0)).isEqualTo(table.getFloat(i));
            }
        }
        return cancelled;
    }

    @Test
    void eachCallIsCountedOnceWhoeverCompletesItsFuture() throws Exception {
        long seed = System.nanoTime();
        System.out.println("RandomCallsTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Batcher batcher = Batcher.of(
                session(SmallModels.model(PICK)), BatchOptions.standard().slots(1));
        int turns = 200;
        int cancelled = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> going = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                SplittableRandom own = random.split();
                going.add(threads.submit(() -> {
                    int sum = 0;
                    for (int i = 0; i < turns; i++) {
                        sum += cancelledCalls(batcher, own);
                    }
                    return sum;
                }));
            }
            for (Future<Integer> g : going) {
                cancelled += g.get();
            }
        }
        Calls.await(() -> batcher.statistics().running() == 0);
        int inTime = cancelled;
        // The thread of a batch counts after it has handed the outputs over.
        Calls.await(() -> batcher.statistics().cancelled() == inTime);
        assertThat(batcher.statistics().calls()).isEqualTo(4L * turns * MATES - inTime);
    }
}
