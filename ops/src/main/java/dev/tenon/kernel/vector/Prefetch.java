package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads memory in the order of addresses before a loop accesses it in another order. A loop over pieces of rows that are far
 * apart waits for each cache line; read in the order of addresses, the same lines arrive several times as fast.
 */
public final class Prefetch {
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int LINE = 64;

    private Prefetch() {}

    /**
     * Reads one element of each cache line of some pieces of rows, row by row.
     *
     * @param memory the memory
     * @param at the offset of the first piece, bytes
     * @param step the distance of neighbouring rows, bytes
     * @param rows the number of rows
     * @param bytes the length of a piece, bytes
     * @return a number that depends on everything read. The caller must use it, or the compiler may drop the reads
     */
    public static int read(MemorySegment memory, long at, long step, int rows, long bytes) {
        memory = NATIVE.cast(memory);
        int seen = 0;
        for (int r = 0; r < rows; r++) {
            long row = at + r * step;
            for (long i = 0; i < bytes; i += LINE) {
                seen += memory.get(BITS, row + i);
            }
        }
        return seen;
    }
}
