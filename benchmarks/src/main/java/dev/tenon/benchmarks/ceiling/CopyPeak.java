package dev.tenon.benchmarks.ceiling;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory bandwidth of one core, measured by copies of a block. The bandwidth of a memory-bound kernel is compared
 * with that of copies of the same size, which use the same caches or main memory, on the same core and at the same
 * time.
 *
 * <p>Each byte that is read counts, and each byte that is written. A kernel that reads more than it writes may exceed
 * this peak, because a core reads faster than it writes.
 */
public final class CopyPeak {
    private static final long ALIGNMENT = 64;

    /** The least bytes that a call moves, so that its time can be measured. */
    private static final long CALL_BYTES = 1 << 23;

    private final MemorySegment from;
    private final MemorySegment to;
    private final long times;

    /**
     * Allocates two blocks.
     *
     * @param bytes the bytes that one copy reads and writes, at least 2
     */
    public CopyPeak(long bytes) {
        Arena arena = Arena.ofAuto();
        from = arena.allocate(bytes / 2, ALIGNMENT).fill((byte) 1);
        to = arena.allocate(bytes / 2, ALIGNMENT).fill((byte) 2);
        times = times(bytes);
    }

    private static long times(long bytes) {
        return Math.max(1, CALL_BYTES / bytes);
    }

    /**
     * The bytes that {@link #run} reads and writes.
     *
     * @param bytes the bytes that one copy reads and writes
     * @return the number of bytes
     */
    public static double callBytes(long bytes) {
        return (double) times(bytes) * (bytes / 2 * 2);
    }

    /**
     * Copies the block; several times if it is small.
     *
     * @return the copy
     */
    public MemorySegment run() {
        for (long i = 0; i < times; i++) {
            MemorySegment.copy(from, 0, to, 0, to.byteSize());
        }
        return to;
    }
}
