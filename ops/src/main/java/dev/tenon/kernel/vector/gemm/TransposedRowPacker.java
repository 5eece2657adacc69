package dev.tenon.kernel.vector.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Packs rows of a float32 left operand that is stored transposed, [k,m]. It copies one term of all rows of a tile at a
 * time, because these are neighbours in memory, two rows with one load. The loops are plain.
 *
 * @param m the number of rows, which are columns in memory
 */
record TransposedRowPacker(int m) implements RowPacker {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ROW = GemmTile.ROW;

    /** The rows that one loop takes. */
    private static final int FOUR = 4;

    @Override
    public void packRows(MemorySegment a, int row, int rows, int from, int terms, float[] to) {
        long step = m * (long) Float.BYTES;
        long at = from * step + row * (long) Float.BYTES;
        for (int p = 0; p < terms; p++, at += step) {
            copyTerm(a, at, rows, to, p);
        }
    }

    private static void copyTerm(MemorySegment a, long at, int rows, float[] to, int term) {
        int r = 0;
        int i = term;
        for (; r + FOUR <= rows; r += FOUR, i += FOUR * ROW) {
            long first = a.get(PAIR, at + (long) r * Float.BYTES);
            long second = a.get(PAIR, at + (r + 2L) * Float.BYTES);
            to[i] = Float.intBitsToFloat((int) first);
            to[i + ROW] = Float.intBitsToFloat((int) (first >>> Integer.SIZE));
            to[i + 2 * ROW] = Float.intBitsToFloat((int) second);
            to[i + 3 * ROW] = Float.intBitsToFloat((int) (second >>> Integer.SIZE));
        }
        for (; r < rows; r++, i += ROW) {
            to[i] = a.get(SCALAR, at + (long) r * Float.BYTES);
        }
    }
}
