package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory that waits to be moved onto large pages. */
@Timeout(60)
class LargePageQueueTest {
    private static final long MUCH = LargePageQueue.WORTH_MOVING;

    private final List<Long> moved = new CopyOnWriteArrayList<>();

    private long move(long address, long bytes) {
        moved.add(address);
        moved.add(bytes);
        return bytes;
    }

    @Test
    void muchMemoryIsMovedAndLittleIsNot() throws InterruptedException {
        CountDownLatch last = new CountDownLatch(2);
        LargePageQueue queue = new LargePageQueue(
                (address, bytes) -> {
                    move(address, bytes);
                    last.countDown();
                    return bytes;
                },
                0);
        MemorySegment little = Arena.global().allocate(MUCH - 1);
        MemorySegment first = Arena.global().allocate(MUCH);
        MemorySegment second = Arena.global().allocate(2 * MUCH);
        queue.add(little);
        queue.add(first);
        queue.add(second);
        assertThat(last.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(moved).containsExactly(first.address(), MUCH, second.address(), 2 * MUCH);
    }

    @Test
    void itsThreadEndsAndComesAgain() throws InterruptedException {
        LargePageQueue queue = new LargePageQueue(this::move, 0);
        for (int round = 1; round <= 3; round++) {
            queue.add(Arena.global().allocate(MUCH));
            while (queue.isRunning()) {
                Thread.sleep(1);
            }
            assertThat(moved).hasSize(2 * round);
        }
    }

    @Test
    void memoryThatIsDroppedIsNotKept() throws InterruptedException {
        LargePageQueue queue = new LargePageQueue(this::move, 1_000);
        MemorySegment kept = Arena.ofAuto().allocate(MUCH);
        queue.add(kept);
        for (int i = 0; i < 5; i++) {
            queue.add(Arena.ofAuto().allocate(MUCH));
        }
        try {
            System.gc();
            while (queue.isRunning()) {
                Thread.sleep(10);
            }
            assertThat(moved).containsExactly(kept.address(), MUCH);
        } finally {
            Reference.reachabilityFence(kept);
        }
    }
}
