package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.MicroTile;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of the matrix product: {@code tile = A * B} for some rows of A and two vectors of columns of B. Each element
 * is one chain of fused multiply-adds in the order of the terms that starts from zero, whatever the number of rows.
 *
 * <p>All loops are the same but for the number of rows: 1, 4, or 12 if there are 32 vector registers. They are written out,
 * because C2 keeps a sum in a register only if it is a variable of its own. Constraints on their shape:
 * <ul>
 * <li>Every sum starts from a load of its own. C2 keeps a zero that several share as an object through the loop.
 * <li>A and the result are in arrays. Operations on segments cost the client compiler (C1) so many virtual registers that it
 *     gives up on a method with 50 of them at tier 3, and the method then stays at the slow tier 2.
 * <li>The loop variable is the index of A, so that C2 checks the bounds of A before the loop. The step from a row of B to the
 *     next is a variable, because C2 would split the loop for a constant and spill sums.
 * </ul>
 */
public final class GemmTile {
    /** The most rows of a tile: their sums leave registers for a row of B and an element of A. */
    public static final int ROWS = SimdSpecies.REGISTERS >= 32 ? 12 : 4;

    /** The columns of a tile, two vectors. */
    public static final int COLUMNS = 2 * SimdSpecies.LANES;

    /** The most terms that one call takes. */
    public static final int DEPTH = MicroTile.DEPTH;

    /**
     * Elements from a row of A to the next. It is not a multiple of 4096 bytes, which would map all rows to one cache
     * set.
     */
    public static final int ROW = DEPTH + 16;

    private static final int FEW_ROWS = 4;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZEROS = new float[2 * 12];

    private GemmTile() {}

    /**
     * The rows that the next tile should take so that all remaining rows cost least.
     *
     * @param left the remaining rows, at least 1
     * @return 1 to {@link #ROWS}, at most {@code left}
     */
    public static int height(int left) {
        return left >= ROWS ? ROWS : Math.min(left, FEW_ROWS);
    }

    /**
     * Multiplies a tile with a panel.
     *
     * @param rows the result of {@link #height}
     * @param a A from its first element on, {@link #ROW} elements from row to row; up to {@link #ROWS} rows are read; rows
     *     beyond {@code rows} have no effect on the first {@code rows} rows of the result
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, {@link #COLUMNS} elements from row to row; written, not read
     */
    public static void multiply(int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        multiply(rows, a, b, bOffset, 2 * VECTOR_BYTES, k, tile, 0);
    }

    /**
     * Multiplies a tile with rows of B that have a stride.
     *
     * @param rows the number of rows, 1 to {@link #ROWS}
     * @param a as in the other method
     * @param b memory that holds B
     * @param bOffset the byte offset of its first row
     * @param bStep bytes from a row to the next, each of {@link #COLUMNS} columns
     * @param k the number of terms, 0 to {@link #DEPTH}
     * @param tile the result, {@link #COLUMNS} elements from row to row; up to {@link #ROWS} rows are written
     * @param to the index of the result's first element
     */
    public static void multiply(
            int rows, float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        if (rows == 1) {
            row(a, b, bOffset, bStep, k, tile, to);
        } else if (rows <= FEW_ROWS) {
            fewRows(a, b, bOffset, bStep, k, tile, to);
        } else {
            manyRows(a, b, bOffset, bStep, k, tile, to);
        }
    }

    /** 1 row. */
    private static void row(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
    }

    /** 4 rows. */
    private static void fewRows(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[p + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[p + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[p + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
        l2.intoArray(tile, to + 4 * LANES);
        r2.intoArray(tile, to + 5 * LANES);
        l3.intoArray(tile, to + 6 * LANES);
        r3.intoArray(tile, to + 7 * LANES);
    }

    /** 12 rows. */
    private static void manyRows(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector r4 = FloatVector.broadcast(F32, ZEROS[9]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector r5 = FloatVector.broadcast(F32, ZEROS[11]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[12]);
        FloatVector r6 = FloatVector.broadcast(F32, ZEROS[13]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[14]);
        FloatVector r7 = FloatVector.broadcast(F32, ZEROS[15]);
        FloatVector l8 = FloatVector.broadcast(F32, ZEROS[16]);
        FloatVector r8 = FloatVector.broadcast(F32, ZEROS[17]);
        FloatVector l9 = FloatVector.broadcast(F32, ZEROS[18]);
        FloatVector r9 = FloatVector.broadcast(F32, ZEROS[19]);
        FloatVector l10 = FloatVector.broadcast(F32, ZEROS[20]);
        FloatVector r10 = FloatVector.broadcast(F32, ZEROS[21]);
        FloatVector l11 = FloatVector.broadcast(F32, ZEROS[22]);
        FloatVector r11 = FloatVector.broadcast(F32, ZEROS[23]);
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[p + ROW]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[p + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[p + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(F32, a[p + 4 * ROW]);
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FloatVector.broadcast(F32, a[p + 5 * ROW]);
            l5 = a5.fma(bl, l5);
            r5 = a5.fma(br, r5);
            FloatVector a6 = FloatVector.broadcast(F32, a[p + 6 * ROW]);
            l6 = a6.fma(bl, l6);
            r6 = a6.fma(br, r6);
            FloatVector a7 = FloatVector.broadcast(F32, a[p + 7 * ROW]);
            l7 = a7.fma(bl, l7);
            r7 = a7.fma(br, r7);
            FloatVector a8 = FloatVector.broadcast(F32, a[p + 8 * ROW]);
            l8 = a8.fma(bl, l8);
            r8 = a8.fma(br, r8);
            FloatVector a9 = FloatVector.broadcast(F32, a[p + 9 * ROW]);
            l9 = a9.fma(bl, l9);
            r9 = a9.fma(br, r9);
            FloatVector a10 = FloatVector.broadcast(F32, a[p + 10 * ROW]);
            l10 = a10.fma(bl, l10);
            r10 = a10.fma(br, r10);
            FloatVector a11 = FloatVector.broadcast(F32, a[p + 11 * ROW]);
            l11 = a11.fma(bl, l11);
            r11 = a11.fma(br, r11);
            at += bStep;
        }
        l0.intoArray(tile, to);
        r0.intoArray(tile, to + LANES);
        l1.intoArray(tile, to + 2 * LANES);
        r1.intoArray(tile, to + 3 * LANES);
        l2.intoArray(tile, to + 4 * LANES);
        r2.intoArray(tile, to + 5 * LANES);
        l3.intoArray(tile, to + 6 * LANES);
        r3.intoArray(tile, to + 7 * LANES);
        l4.intoArray(tile, to + 8 * LANES);
        r4.intoArray(tile, to + 9 * LANES);
        l5.intoArray(tile, to + 10 * LANES);
        r5.intoArray(tile, to + 11 * LANES);
        l6.intoArray(tile, to + 12 * LANES);
        r6.intoArray(tile, to + 13 * LANES);
        l7.intoArray(tile, to + 14 * LANES);
        r7.intoArray(tile, to + 15 * LANES);
        l8.intoArray(tile, to + 16 * LANES);
        r8.intoArray(tile, to + 17 * LANES);
        l9.intoArray(tile, to + 18 * LANES);
        r9.intoArray(tile, to + 19 * LANES);
        l10.intoArray(tile, to + 20 * LANES);
        r10.intoArray(tile, to + 21 * LANES);
        l11.intoArray(tile, to + 22 * LANES);
        r11.intoArray(tile, to + 23 * LANES);
    }
}
