package dev.tenon.kernel.gemm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packs matrices [k,n] of numbers of one size into panels of neighbouring columns, by plain loops: each panel has k rows of its
 * columns, and the last one is padded with zeros.
 *
 * @param bytes the bytes of a number: 4 for float32, 2 for the types of 16 bits
 * @param columns the columns of a panel
 */
record PanelPacking(int bytes, int columns) {
    private static final ValueLayout FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout HALF = ValueLayout.JAVA_SHORT_UNALIGNED;

    /** The terms that are packed at a time: a strip of a panel stays in the first-level cache. */
    private static final int STRIP = 64;

    /** The elements of so many rows, about: they stay in the second-level cache. */
    private static final int STRIP_ELEMENTS = 32 << 10;

    /**
     * The size of a packed matrix.
     *
     * @param k its rows
     * @param n its columns
     * @return bytes
     */
    long byteSize(int k, int n) {
        return Math.multiplyExact(Math.ceilDiv(n, columns), (long) k * columns * bytes);
    }

    private ValueLayout layout() {
        return bytes == Float.BYTES ? FLOAT : HALF;
    }

    /** An array of numbers, of which bulk copies take and give any kind. */
    private Object array(int length) {
        return bytes == Float.BYTES ? new float[length] : new short[length];
    }

    /**
     * Packs a matrix that is stored as [k,n].
     *
     * @param source the memory of the matrix, of any kind; it is read by bulk copies only
     * @param at the offset of its first element, bytes
     * @param k its rows
     * @param n its columns
     * @param target where the packed matrix goes, native memory
     * @param to the offset of its first byte
     */
    void pack(MemorySegment source, long at, int k, int n, MemorySegment target, long to) {
        int most = Math.clamp(STRIP_ELEMENTS / Math.max(1, n), 1, STRIP);
        Object rows = array(most * n);
        long panelBytes = (long) k * columns * bytes;
        for (int p = 0; p < k; p += most) {
            int terms = Math.min(most, k - p);
            MemorySegment.copy(source, layout(), at + (long) p * n * bytes, rows, 0, terms * n);
            long line = to + (long) p * columns * bytes;
            Object strip = array(most * columns);
            for (int column = 0; column < n; column += columns) {
                int width = Math.min(columns, n - column);
                if (width < columns) {
                    strip = array(most * columns);
                }
                copyColumns(rows, column, n, strip, width, terms);
                MemorySegment.copy(strip, 0, target, layout(), line, terms * columns);
                line += panelBytes;
            }
        }
    }

    /** Copies neighbouring columns of rows of n columns into a strip. */
    private void copyColumns(Object rows, int column, int n, Object strip, int width, int terms) {
        // The JVM copies arrays whose type it knows faster, and compiles less for it.
        if (rows instanceof float[] from) {
            float[] to = (float[]) strip;
            for (int i = 0; i < terms; i++) {
                System.arraycopy(from, i * n + column, to, i * columns, width);
            }
        } else {
            short[] from = (short[]) rows;
            short[] to = (short[]) strip;
            for (int i = 0; i < terms; i++) {
                System.arraycopy(from, i * n + column, to, i * columns, width);
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
     * @param target where the packed matrix goes, native memory
     * @param to the offset of its first byte
     */
    void packTransposed(MemorySegment source, long at, int k, int n, MemorySegment target, long to) {
        Object line = array(STRIP);
        for (int column = 0; column < n; column += columns) {
            int width = Math.min(columns, n - column);
            Object strip = array(STRIP * columns);
            for (int p = 0; p < k; p += STRIP) {
                int terms = Math.min(STRIP, k - p);
                for (int j = 0; j < width; j++) {
                    long from = at + ((long) (column + j) * k + p) * bytes;
                    MemorySegment.copy(source, layout(), from, line, 0, terms);
                    spread(line, terms, strip, j);
                }
                long line0 = to + ((long) column * k + (long) p * columns) * bytes;
                MemorySegment.copy(strip, 0, target, layout(), line0, terms * columns);
            }
        }
    }

    /** Writes a line of terms into a column of a strip. */
    private void spread(Object line, int terms, Object strip, int column) {
        if (line instanceof float[] from) {
            float[] to = (float[]) strip;
            for (int i = 0; i < terms; i++) {
                to[i * columns + column] = from[i];
            }
        } else {
            short[] from = (short[]) line;
            short[] to = (short[]) strip;
            for (int i = 0; i < terms; i++) {
                to[i * columns + column] = from[i];
            }
        }
    }
}
