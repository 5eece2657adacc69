package dev.tenon.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The most bytes that one core can move: copies of a block from one place to another. What a kernel reaches that moves
 * more than it computes is read against copies that move as many bytes, on the same core in the same minute: blocks of
 * its sizes lie in the same caches, or in memory.
 *
 * <p>Bytes are counted as those of a kernel are: each that is read, and each that is written. A kernel that reads more
 * than it writes may exceed such a peak, since a core reads faster than it writes.
 */
public final class CopyPeak {
    private static final long ALIGNMENT = 64;

    /** The bytes that a call moves at least, so that a clock can tell how long it takes. */
    private static final long CALL_BYTES = 1 << 23;

    private final MemorySegment from;
    private final MemorySegment to;
    private final long times;

    /**
     * Two blocks.
     *
     * @param bytes what one copy reads and writes together, at least 2
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
     * @param bytes what one copy reads and writes together
     * @return their number
     */
    public static double callBytes(long bytes) {
        return (double) times(bytes) * (bytes / 2 * 2);
    }

    /**
     * Copies the block, several times if it is small.
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
