package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.plan.MemoryPlan.Request;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final int STEPS = 12;

    @Provide
    Arbitrary<List<Request>> requests() {
        Arbitrary<Long> bytes = Arbitraries.oneOf(
                Arbitraries.longs().between(0, 200), Arbitraries.longs().between(0, 1L << 40));
        Arbitrary<Integer> first = Arbitraries.integers().between(-1, STEPS);
        Arbitrary<Integer> length = Arbitraries.integers().between(0, STEPS);
        return Combinators.combine(bytes, first, length)
                .as((b, from, n) -> new Request(b, from, from + n))
                .list()
                .ofMaxSize(40);
    }

    @Property
    void buffersAliveAtTheSameTimeDoNotOverlap(@ForAll("requests") List<Request> requests) {
        List<Buffer> buffers = MemoryPlan.of(requests).buffers();
        for (int i = 0; i < buffers.size(); i++) {
            for (int j = 0; j < i; j++) {
                Buffer a = buffers.get(i);
                Buffer b = buffers.get(j);
                boolean together = a.first() <= b.last() && b.first() <= a.last();
                boolean apart = a.offset() + a.bytes() <= b.offset() || b.offset() + b.bytes() <= a.offset();
                assertThat(apart || !together || a.bytes() == 0 || b.bytes() == 0)
                        .as("%s and %s", a, b)
                        .isTrue();
            }
        }
    }

    @Property
    void buffersKeepTheirRequestsInOrder(@ForAll("requests") List<Request> requests) {
        List<Request> found = new ArrayList<>();
        for (Buffer b : MemoryPlan.of(requests).buffers()) {
            found.add(new Request(b.bytes(), b.first(), b.last()));
        }
        assertThat(found).isEqualTo(requests);
    }

    @Property
    void buffersAreAlignedWithinTheArena(@ForAll("requests") List<Request> requests) {
        MemoryPlan plan = MemoryPlan.of(requests);
        for (Buffer b : plan.buffers()) {
            assertThat(b.offset() % MemoryPlan.ALIGNMENT).isZero();
            assertThat(b.offset()).isNotNegative();
            assertThat(b.offset() + b.bytes()).isLessThanOrEqualTo(plan.arenaBytes());
        }
    }

    @Property
    void theArenaIsBetweenTheLargestLiveSetAndTheSumOfAll(@ForAll("requests") List<Request> requests) {
        MemoryPlan plan = MemoryPlan.of(requests);
        long most = 0;
        for (int step = -1; step <= 2 * STEPS; step++) {
            long live = 0;
            for (Request r : requests) {
                live += r.first() <= step && step <= r.last() ? aligned(r.bytes()) : 0;
            }
            most = Math.max(most, live);
        }
        long sum = requests.stream().mapToLong(r -> aligned(r.bytes())).sum();
        assertThat(plan.lowerBoundBytes()).isEqualTo(most);
        assertThat(plan.arenaBytes()).isBetween(most, sum);
    }

    private static long aligned(long bytes) {
        return (bytes + MemoryPlan.ALIGNMENT - 1) / MemoryPlan.ALIGNMENT * MemoryPlan.ALIGNMENT;
    }

    @Test
    void aChainNeedsTwoBuffers() {
        List<Request> chain = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            chain.add(new Request(1 << 20, i, i + 1));
        }
        assertThat(MemoryPlan.of(chain).arenaBytes()).isEqualTo(2 << 20);
    }

    @Test
    void theTightestGapIsTaken() {
        List<Request> requests = List.of(
                new Request(64 * 10, 0, 2),
                new Request(64 * 9, 0, 1),
                new Request(64 * 8, 0, 2),
                new Request(64 * 7, 0, 1),
                new Request(64 * 6, 0, 2),
                new Request(64 * 6, 2, 2));
        MemoryPlan plan = MemoryPlan.of(requests);
        assertThat(plan.buffers().get(5).offset())
                .isEqualTo(plan.buffers().get(3).offset());
        assertThat(plan.arenaBytes()).isEqualTo(64 * 40);
    }

    @Test
    void noBuffersNeedNoMemory() {
        assertThat(MemoryPlan.of(List.of()).arenaBytes()).isZero();
        assertThat(MemoryPlan.of(List.of()).lowerBoundBytes()).isZero();
    }
}
