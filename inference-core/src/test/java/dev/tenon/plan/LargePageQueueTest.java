package dev.tenon.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory that waits to be moved onto large pages. */
@Timeout(600)
@Tag("short")
class LargePageQueueTest {
    private static final long MUCH = LargePageQueue.WORTH_MOVING;

    /** The garbage collections within which unreachable memory must have gone. */
    private static final int COLLECTIONS = 200;

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
        assertThat(last.await(5, TimeUnit.MINUTES)).isTrue();
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
        CountDownLatch cleared = new CountDownLatch(1);
        LargePageQueue queue = new LargePageQueue(
                (address, bytes) -> {
                    await(cleared);
                    return move(address, bytes);
                },
                0);
        MemorySegment kept = Arena.ofAuto().allocate(MUCH);
        queue.add(kept);
        List<WeakReference<MemorySegment.Scope>> dropped = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            dropped.add(addTo(queue));
        }
        try {
            // The queue is at the first piece until the others are gone. If it kept them, they would never go.
            for (int i = 0; i < COLLECTIONS && dropped.stream().anyMatch(d -> d.get() != null); i++) {
                System.gc();
                Thread.sleep(10);
            }
            assertThat(dropped).allMatch(d -> d.get() == null);
            cleared.countDown();
            while (queue.isRunning()) {
                Thread.sleep(10);
            }
            assertThat(moved).containsExactly(kept.address(), MUCH);
        } finally {
            cleared.countDown();
            Reference.reachabilityFence(kept);
        }
    }

    /** Adds memory to which nothing refers afterwards. */
    private static WeakReference<MemorySegment.Scope> addTo(LargePageQueue queue) {
        MemorySegment memory = Arena.ofAuto().allocate(MUCH);
        queue.add(memory);
        return new WeakReference<>(memory.scope());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
