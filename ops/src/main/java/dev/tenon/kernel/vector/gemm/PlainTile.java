package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Bounds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The loops of {@link GemmTile} and {@link GemmRows} without vectors, which run until those are compiled: see {@link
 * dev.tenon.kernel.JitWarmUp}.
 */
final class PlainTile {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int COLUMNS = GemmTile.COLUMNS;

    /** The terms that are copied from a panel at a time. */
    private static final int STRIP = 64;

    /** The columns that one loop takes. */
    private static final int EIGHT = 8;

    private PlainTile() {}

    /**
     * Multiplies a tile as {@link GemmTile#multiply(int, float[], MemorySegment, long, long, int, float[], int)} does.
     * Writes only {@code rows} rows.
     */
    static void multiply(int rows, float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        Arrays.fill(tile, to, to + rows * COLUMNS, 0);
        float[] strip = new float[Math.min(k, STRIP) * COLUMNS];
        for (int p = 0; p < k; p += STRIP) {
            int terms = Math.min(STRIP, k - p);
            if (bStep == COLUMNS * (long) Float.BYTES) {
                MemorySegment.copy(b, SCALAR, bOffset + p * bStep, strip, 0, terms * COLUMNS);
            } else {
                for (int i = 0; i < terms; i++) {
                    MemorySegment.copy(b, SCALAR, bOffset + (p + i) * bStep, strip, i * COLUMNS, COLUMNS);
                }
            }
            for (int r = 0; r < rows; r++) {
                row(a, r * GemmTile.ROW + p, terms, strip, tile, to + r * COLUMNS);
            }
        }
    }

    private static void row(float[] a, int aAt, int terms, float[] strip, float[] tile, int to) {
        for (int c = 0; c < COLUMNS; c += EIGHT) {
            eight(a, aAt, terms, strip, c, tile, to + c);
        }
    }

    /** Adds the products of a row with eight columns of a strip. */
    private static void eight(float[] a, int aAt, int terms, float[] strip, int column, float[] tile, int to) {
        float s0 = tile[to];
        float s1 = tile[to + 1];
        float s2 = tile[to + 2];
        float s3 = tile[to + 3];
        float s4 = tile[to + 4];
        float s5 = tile[to + 5];
        float s6 = tile[to + 6];
        float s7 = tile[to + 7];
        int i = column;
        for (int p = aAt; p < aAt + terms; p++) {
            float x = a[p];
            s0 = Math.fma(x, strip[i], s0);
            s1 = Math.fma(x, strip[i + 1], s1);
            s2 = Math.fma(x, strip[i + 2], s2);
            s3 = Math.fma(x, strip[i + 3], s3);
            s4 = Math.fma(x, strip[i + 4], s4);
            s5 = Math.fma(x, strip[i + 5], s5);
            s6 = Math.fma(x, strip[i + 6], s6);
            s7 = Math.fma(x, strip[i + 7], s7);
            i += COLUMNS;
        }
        tile[to] = s0;
        tile[to + 1] = s1;
        tile[to + 2] = s2;
        tile[to + 3] = s3;
        tile[to + 4] = s4;
        tile[to + 5] = s5;
        tile[to + 6] = s6;
        tile[to + 7] = s7;
    }

    /** Writes a full tile as {@link GemmRows#put} does. */
    static void put(
            float[] tile,
            int rows,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow,
            MemorySegment residual,
            Bounds bounds) {
        float[] line = new float[COLUMNS];
        for (int r = 0; r < rows; r++) {
            System.arraycopy(tile, r * COLUMNS, line, 0, COLUMNS);
            putRow(line, COLUMNS, c, cOffset + r * cRow, base, baseOffset + r * baseRow, residual, bounds);
        }
    }

    /** Writes the first products of a row with start values, an optional residual and optional bounds. */
    static void putRow(
            float[] products,
            int columns,
            MemorySegment c,
            long to,
            MemorySegment base,
            long from,
            MemorySegment residual,
            Bounds bounds) {
        float[] sums = new float[columns];
        MemorySegment.copy(base, SCALAR, from, sums, 0, columns);
        add(sums, products);
        if (residual != null) {
            float[] addends = new float[columns];
            MemorySegment.copy(residual, SCALAR, to, addends, 0, columns);
            add(sums, addends);
        }
        if (bounds != null) {
            keep(sums, bounds);
        }
        MemorySegment.copy(sums, 0, c, SCALAR, to, columns);
    }

    private static void add(float[] sums, float[] addends) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += addends[i];
        }
    }

    private static void keep(float[] sums, Bounds bounds) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = bounds.clamp(sums[i]);
        }
    }
}
