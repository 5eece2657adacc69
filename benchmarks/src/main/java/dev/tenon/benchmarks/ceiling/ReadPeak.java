package dev.tenon.benchmarks.ceiling;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The bandwidth at which memory is read: equal blocks far larger than any cache are compared, which reads both in order and
 * writes nothing. Each run takes the next part of them.
 */
public final class ReadPeak {
    private static final long BLOCK_BYTES = 1L << 29;
    private static final long PART_BYTES = 1L << 26;

    private final MemorySegment left =
            Arena.ofAuto().allocate(BLOCK_BYTES, Long.BYTES).fill((byte) 1);
    private final MemorySegment right =
            Arena.ofAuto().allocate(BLOCK_BYTES, Long.BYTES).fill((byte) 1);
    private final int threads;
    private long next;

    /**
     * Allocates the blocks, 1 GB.
     *
     * @param threads the threads that read, at least 1
     */
    public ReadPeak(int threads) {
        this.threads = threads;
    }

    /**
     * Reads a part.
     *
     * @return 10<sup>9</sup> bytes per second
     */
    public double run() {
        long from = next;
        next = (next + PART_BYTES) % BLOCK_BYTES;
        long each = PART_BYTES / threads / Long.BYTES * Long.BYTES;
        List<Thread> others = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 1; i < threads; i++) {
            long own = from + i * each;
            others.add(Thread.ofPlatform().start(() -> compare(own, each)));
        }
        compare(from, each);
        try {
            for (Thread thread : others) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return 2.0 * each * threads / (System.nanoTime() - start);
    }

    private void compare(long from, long bytes) {
        if (MemorySegment.mismatch(left, from, from + bytes, right, from, from + bytes) >= 0) {
            throw new IllegalStateException("memory that was written has changed");
        }
    }
}
