package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings memory near before it is worked on in another order. Pieces of rows that lie far apart come one line at a time,
 * and each is waited for, to be read or to be written; the same lines in the order in which they lie come several times as
 * fast.
 */
public final class Prefetch {
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int LINE = 64;

    private Prefetch() {}

    /**
     * Reads an element of each line of memory that pieces of some rows lie in, row by row.
     *
     * @param memory the memory
     * @param at the byte offset of the first piece
     * @param step bytes from a row to the next
     * @param rows the number of rows
     * @param bytes the length of a piece
     * @return something that depends on all that was read, so that the reading is not left out if it is kept
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
