package dev.tenon.kernel.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Packs float32 matrices [k,n] into panels of neighbouring columns, by plain loops: each panel has k rows of its columns, and
 * the last one is padded with zeros.
 */
final class FloatPanels {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** The terms that are packed at a time: a strip of a panel stays in the first-level cache. */
    private static final int STRIP = 64;

    /** The elements of so many rows, about: they stay in the second-level cache. */
    private static final int STRIP_ELEMENTS = 32 << 10;

    private FloatPanels() {}

    /**
     * The size of a packed matrix.
     *
     * @param k its rows
     * @param n its columns
     * @param columns the columns of a panel
     * @return bytes
     */
    static long byteSize(int k, int n, int columns) {
        return Math.multiplyExact(Math.ceilDiv(n, columns), (long) k * columns * Float.BYTES);
    }

    /**
     * Packs a matrix that is stored as [k,n].
     *
     * @param source the memory of the matrix, of any kind; it is read by bulk copies only
     * @param at the offset of its first element, bytes
     * @param k its rows
     * @param n its columns
     * @param columns the columns of a panel
     * @param target where the packed matrix goes, native memory
     * @param to the offset of its first byte
     */
    static void pack(MemorySegment source, long at, int k, int n, int columns, MemorySegment target, long to) {
        int most = Math.clamp(STRIP_ELEMENTS / Math.max(1, n), 1, STRIP);
        float[] rows = new float[most * n];
        float[] strip = new float[most * columns];
        long panelBytes = (long) k * columns * Float.BYTES;
        for (int p = 0; p < k; p += most) {
            int terms = Math.min(most, k - p);
            MemorySegment.copy(source, FLOAT, at + (long) p * n * Float.BYTES, rows, 0, terms * n);
            long line = to + (long) p * columns * Float.BYTES;
            for (int column = 0; column < n; column += columns) {
                int width = Math.min(columns, n - column);
                if (width < columns) {
                    Arrays.fill(strip, 0);
                }
                for (int i = 0; i < terms; i++) {
                    System.arraycopy(rows, i * n + column, strip, i * columns, width);
                }
                MemorySegment.copy(strip, 0, target, FLOAT, line, terms * columns);
                line += panelBytes;
            }
        }
    }

    /**
     * Packs a matrix that is stored transposed, as [n,k].
     *
     * @param source the memory of the matrix, of any kind; it is read by bulk copies only
     * @param at the offset of its first element, bytes
     * @param k its rows
     * @param n its columns
     * @param columns the columns of a panel
     * @param target where the packed matrix goes, native memory
     * @param to the offset of its first byte
     */
    static void packTransposed(
            MemorySegment source, long at, int k, int n, int columns, MemorySegment target, long to) {
        float[] line = new float[STRIP];
        float[] strip = new float[STRIP * columns];
        for (int column = 0; column < n; column += columns) {
            int width = Math.min(columns, n - column);
            Arrays.fill(strip, 0);
            for (int p = 0; p < k; p += STRIP) {
                int terms = Math.min(STRIP, k - p);
                for (int j = 0; j < width; j++) {
                    long from = at + ((long) (column + j) * k + p) * Float.BYTES;
                    MemorySegment.copy(source, FLOAT, from, line, 0, terms);
                    for (int i = 0; i < terms; i++) {
                        strip[i * columns + j] = line[i];
                    }
                }
                long line0 = to + ((long) column * k + (long) p * columns) * Float.BYTES;
                MemorySegment.copy(strip, 0, target, FLOAT, line0, terms * columns);
            }
        }
    }
}
