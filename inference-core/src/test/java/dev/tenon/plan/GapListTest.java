package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.tenon.plan.MemoryPlan.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class GapListTest {
    private static List<Request> requests(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int first = random.nextInt(-1, count / 2);
            requests.add(new Request(
                    random.nextInt(4) == 0 ? 0 : random.nextInt(1, 2000), first, first + random.nextInt(8)));
        }
        return requests;
    }

    private static void checkApart(List<Request> requests, long[] offsets) {
        for (int i = 0; i < offsets.length; i++) {
            for (int j = 0; j < i; j++) {
                Request a = requests.get(i);
                Request b = requests.get(j);
                boolean together = a.first() <= b.last() && b.first() <= a.last() && a.bytes() > 0 && b.bytes() > 0;
                boolean apart = offsets[i] + a.bytes() <= offsets[j] || offsets[j] + b.bytes() <= offsets[i];
                if (together && !apart) {
                    fail("%s at %d and %s at %d", a, offsets[i], b, offsets[j]);
                }
            }
        }
    }

    @Property(tries = 200)
    void buffersAliveAtTheSameTimeDoNotOverlap(@ForAll long seed) {
        List<Request> requests = requests(seed, 60);
        long[] offsets = new long[requests.size()];
        long end = GapList.place(requests, offsets);
        checkApart(requests, offsets);
        for (int i = 0; i < offsets.length; i++) {
            assertThat(offsets[i] % MemoryPlan.ALIGNMENT).isZero();
            assertThat(offsets[i] + requests.get(i).bytes()).isBetween(0L, end);
        }
    }

    @Test
    void thousandsOfBuffersTakeHardlyMoreThanTheLargestLiveSet() {
        List<Request> requests = requests(5, 6000);
        MemoryPlan plan = MemoryPlan.of(requests);
        checkApart(requests, plan.buffers().stream().mapToLong(Buffer::offset).toArray());
        assertThat((double) plan.arenaBytes() / plan.lowerBoundBytes())
                .as("arena of %d bytes", plan.arenaBytes())
                .isBetween(1.0, 1.5);
    }

    @Test
    void aLongChainNeedsTwoBuffers() {
        List<Request> chain = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            chain.add(new Request(1 << 20, i, i + 1));
        }
        assertThat(MemoryPlan.of(chain).arenaBytes()).isEqualTo(2 << 20);
    }
}
