package dev.tenon.kernel.vector.gemm;

import dev.tenon.kernel.Bounds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A part of {@link VectorGemm} without vectors, which runs until its loops are compiled: see {@link
 * dev.tenon.kernel.JitWarmUp}. Rows are stored transposed, each term of all rows in an array of its own. The innermost
 * loop runs over the rows and takes eight terms at a time, so that C2 vectorises it. Each element is the same chain of
 * operations as in a tile.
 */
final class PlainProduct {
    /** The fewest rows with which this is faster than {@link PlainTile}. */
    static final int LEAST_ROWS = 24;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int COLUMNS = GemmTile.COLUMNS;

    /** The terms that one loop takes. */
    private static final int EIGHT = 8;

    private final float[][] sums = new float[COLUMNS][0];
    private final float[] line = new float[COLUMNS];
    private float[][] terms = new float[0][];
    private float[] panel = new float[0];

    /** Allocates room for a number of rows and their terms. */
    void prepare(int rows, int k) {
        int held = terms.length;
        if (held < k) {
            terms = Arrays.copyOf(terms, k);
            Arrays.fill(terms, held, k, new float[0]);
        }
        for (int p = 0; p < k; p++) {
            terms[p] = atLeast(rows, terms[p]);
        }
        for (int i = 0; i < COLUMNS; i++) {
            sums[i] = atLeast(rows, sums[i]);
        }
        panel = atLeast(Math.min(k, GemmTile.DEPTH) * COLUMNS, panel);
    }

    private static float[] atLeast(int length, float[] array) {
        return array.length < length ? new float[length] : array;
    }

    /**
     * Stores some terms of rows.
     *
     * @param from the rows, {@link GemmTile#ROW} elements apart
     * @param firstRow the index of the first row
     * @param rows the number of rows
     * @param firstTerm the index of the first term
     * @param count the number of terms of each row
     */
    void take(float[] from, int firstRow, int rows, int firstTerm, int count) {
        for (int r = 0; r < rows; r++) {
            transpose(from, r * GemmTile.ROW, firstTerm, count, firstRow + r);
        }
    }

    private void transpose(float[] from, int at, int firstTerm, int count, int row) {
        for (int p = 0; p < count; p++) {
            terms[firstTerm + p][row] = from[at + p];
        }
    }

    /**
     * Multiplies all rows with a block of terms of a panel.
     *
     * @param rows the number of rows
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the block
     * @param firstTerm the index of its first term
     * @param count the number of its terms
     */
    void multiply(int rows, MemorySegment b, long bOffset, int firstTerm, int count) {
        MemorySegment.copy(b, SCALAR, bOffset, panel, 0, count * COLUMNS);
        for (float[] sum : sums) {
            Arrays.fill(sum, 0, rows, 0);
        }
        int p = 0;
        for (; p + EIGHT <= count; p += EIGHT) {
            columns(firstTerm + p, p * COLUMNS, rows);
        }
        for (; p < count; p++) {
            for (int i = 0; i < COLUMNS; i++) {
                one(terms[firstTerm + p], panel[p * COLUMNS + i], sums[i], rows);
            }
        }
    }

    private void columns(int term, int at, int rows) {
        for (int i = 0; i < COLUMNS; i++) {
            eight(terms, term, panel, at + i, sums[i], rows);
        }
    }

    private static void eight(float[][] terms, int term, float[] panel, int at, float[] sum, int rows) {
        float[] a0 = terms[term];
        float[] a1 = terms[term + 1];
        float[] a2 = terms[term + 2];
        float[] a3 = terms[term + 3];
        float[] a4 = terms[term + 4];
        float[] a5 = terms[term + 5];
        float[] a6 = terms[term + 6];
        float[] a7 = terms[term + 7];
        float b0 = panel[at];
        float b1 = panel[at + COLUMNS];
        float b2 = panel[at + 2 * COLUMNS];
        float b3 = panel[at + 3 * COLUMNS];
        float b4 = panel[at + 4 * COLUMNS];
        float b5 = panel[at + 5 * COLUMNS];
        float b6 = panel[at + 6 * COLUMNS];
        float b7 = panel[at + 7 * COLUMNS];
        for (int r = 0; r < rows; r++) {
            float s = Math.fma(b0, a0[r], sum[r]);
            s = Math.fma(b1, a1[r], s);
            s = Math.fma(b2, a2[r], s);
            s = Math.fma(b3, a3[r], s);
            s = Math.fma(b4, a4[r], s);
            s = Math.fma(b5, a5[r], s);
            s = Math.fma(b6, a6[r], s);
            sum[r] = Math.fma(b7, a7[r], s);
        }
    }

    private static void one(float[] a, float b, float[] sum, int rows) {
        for (int r = 0; r < rows; r++) {
            sum[r] = Math.fma(b, a[r], sum[r]);
        }
    }

    /** Writes the products as {@link GemmRows#put} does. */
    void put(
            int rows,
            int columns,
            MemorySegment c,
            long cOffset,
            long cRow,
            MemorySegment base,
            long baseOffset,
            long baseRow,
            MemorySegment residual,
            Bounds bounds) {
        for (int r = 0; r < rows; r++) {
            gather(r, columns);
            PlainTile.putRow(line, columns, c, cOffset + r * cRow, base, baseOffset + r * baseRow, residual, bounds);
        }
    }

    private void gather(int row, int columns) {
        for (int i = 0; i < columns; i++) {
            line[i] = sums[i][row];
        }
    }
}
