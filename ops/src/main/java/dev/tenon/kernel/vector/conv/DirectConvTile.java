package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link GemmTile} for a right operand whose rows have no common stride: each row has an offset of its own
 * in a table. So a convolution can read what the taps of windows see in place. All constraints on the loops of {@link
 * GemmTile} hold here too.
 */
final class DirectConvTile {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int ROW = GemmTile.ROW;
    private static final float[] ZEROS = new float[2 * 12];

    private DirectConvTile() {}

    /**
     * Multiplies a tile.
     *
     * @param rows 1 to {@link GemmTile#ROWS}
     * @param a A from its first element on, {@link GemmTile#ROW} elements from row to row; up to {@link GemmTile#ROWS}
     *     rows are read; rows beyond {@code rows} have no effect on the first {@code rows} rows of the result
     * @param b memory that holds the right operand
     * @param bOffset the byte offset that the offsets of rows are relative to
     * @param apart bytes from the first vector of a row to its second one
     * @param places the byte offsets of rows of {@link GemmTile#COLUMNS} columns
     * @param from the index of the first row's offset
     * @param k the number of terms, 0 to {@link GemmTile#DEPTH}
     * @param tile the result, {@link GemmTile#COLUMNS} elements from row to row; written, not read
     */
    static void multiply(
            int rows,
            float[] a,
            MemorySegment b,
            long bOffset,
            long apart,
            int[] places,
            int from,
            int k,
            float[] tile) {
        if (rows <= 4) {
            rows4(a, b, bOffset, apart, places, from, k, tile);
        } else if (rows <= 5) {
            rows5(a, b, bOffset, apart, places, from, k, tile);
        } else if (rows <= 8) {
            rows8(a, b, bOffset, apart, places, from, k, tile);
        } else {
            rows12(a, b, bOffset, apart, places, from, k, tile);
        }
    }

    /**
     * Multiplies the first half of a tile: rows of the right operand have as many columns as a vector has lanes.
     *
     * @param rows 1 to {@link GemmTile#ROWS}
     * @param a as in the other method
     * @param b memory that holds the right operand
     * @param bOffset the byte offset that the offsets of rows are relative to
     * @param places the byte offsets of rows
     * @param from the index of the first row's offset
     * @param k the number of terms, 0 to {@link GemmTile#DEPTH}
     * @param tile the result; the first half of each row is written
     */
    static void multiplyHalf(
            int rows, float[] a, MemorySegment b, long bOffset, int[] places, int from, int k, float[] tile) {
        if (rows <= 5) {
            half5(a, b, bOffset, places, from, k, tile);
        } else {
            half12(a, b, bOffset, places, from, k, tile);
        }
    }

    /** 4 rows. */
    private static void rows4(
            float[] a, MemorySegment b, long bOffset, long apart, int[] places, int from, int k, float[] tile) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(F32, ZEROS[7]);
        for (int p = 0; p < k; p++) {
            long at = bOffset + places[from + p];
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + apart, ORDER);
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
        }
        l0.intoArray(tile, 0);
        r0.intoArray(tile, LANES);
        l1.intoArray(tile, 2 * LANES);
        r1.intoArray(tile, 3 * LANES);
        l2.intoArray(tile, 4 * LANES);
        r2.intoArray(tile, 5 * LANES);
        l3.intoArray(tile, 6 * LANES);
        r3.intoArray(tile, 7 * LANES);
    }

    /** 5 rows. The loop variable is the index of A, see {@link GemmTile}. */
    private static void rows5(
            float[] a, MemorySegment b, long bOffset, long apart, int[] places, int from, int k, float[] tile) {
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
        for (int p = 0; p < k; p++) {
            long at = bOffset + places[from + p];
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + apart, ORDER);
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
        }
        l0.intoArray(tile, 0);
        r0.intoArray(tile, LANES);
        l1.intoArray(tile, 2 * LANES);
        r1.intoArray(tile, 3 * LANES);
        l2.intoArray(tile, 4 * LANES);
        r2.intoArray(tile, 5 * LANES);
        l3.intoArray(tile, 6 * LANES);
        r3.intoArray(tile, 7 * LANES);
        l4.intoArray(tile, 8 * LANES);
        r4.intoArray(tile, 9 * LANES);
    }

    /** 8 rows. */
    private static void rows8(
            float[] a, MemorySegment b, long bOffset, long apart, int[] places, int from, int k, float[] tile) {
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
        for (int p = 0; p < k; p++) {
            long at = bOffset + places[from + p];
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + apart, ORDER);
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
        }
        l0.intoArray(tile, 0);
        r0.intoArray(tile, LANES);
        l1.intoArray(tile, 2 * LANES);
        r1.intoArray(tile, 3 * LANES);
        l2.intoArray(tile, 4 * LANES);
        r2.intoArray(tile, 5 * LANES);
        l3.intoArray(tile, 6 * LANES);
        r3.intoArray(tile, 7 * LANES);
        l4.intoArray(tile, 8 * LANES);
        r4.intoArray(tile, 9 * LANES);
        l5.intoArray(tile, 10 * LANES);
        r5.intoArray(tile, 11 * LANES);
        l6.intoArray(tile, 12 * LANES);
        r6.intoArray(tile, 13 * LANES);
        l7.intoArray(tile, 14 * LANES);
        r7.intoArray(tile, 15 * LANES);
    }

    /** 12 rows. */
    private static void rows12(
            float[] a, MemorySegment b, long bOffset, long apart, int[] places, int from, int k, float[] tile) {
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
        for (int p = 0; p < k; p++) {
            long at = bOffset + places[from + p];
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + apart, ORDER);
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
        }
        l0.intoArray(tile, 0);
        r0.intoArray(tile, LANES);
        l1.intoArray(tile, 2 * LANES);
        r1.intoArray(tile, 3 * LANES);
        l2.intoArray(tile, 4 * LANES);
        r2.intoArray(tile, 5 * LANES);
        l3.intoArray(tile, 6 * LANES);
        r3.intoArray(tile, 7 * LANES);
        l4.intoArray(tile, 8 * LANES);
        r4.intoArray(tile, 9 * LANES);
        l5.intoArray(tile, 10 * LANES);
        r5.intoArray(tile, 11 * LANES);
        l6.intoArray(tile, 12 * LANES);
        r6.intoArray(tile, 13 * LANES);
        l7.intoArray(tile, 14 * LANES);
        r7.intoArray(tile, 15 * LANES);
        l8.intoArray(tile, 16 * LANES);
        r8.intoArray(tile, 17 * LANES);
        l9.intoArray(tile, 18 * LANES);
        r9.intoArray(tile, 19 * LANES);
        l10.intoArray(tile, 20 * LANES);
        r10.intoArray(tile, 21 * LANES);
        l11.intoArray(tile, 22 * LANES);
        r11.intoArray(tile, 23 * LANES);
    }

    /** 5 rows, one vector. */
    private static void half5(float[] a, MemorySegment b, long bOffset, int[] places, int from, int k, float[] tile) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        for (int p = 0; p < k; p++) {
            long at = bOffset + places[from + p];
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            FloatVector a1 = FloatVector.broadcast(F32, a[p + ROW]);
            l1 = a1.fma(bl, l1);
            FloatVector a2 = FloatVector.broadcast(F32, a[p + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            FloatVector a3 = FloatVector.broadcast(F32, a[p + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            FloatVector a4 = FloatVector.broadcast(F32, a[p + 4 * ROW]);
            l4 = a4.fma(bl, l4);
        }
        l0.intoArray(tile, 0);
        l1.intoArray(tile, 2 * LANES);
        l2.intoArray(tile, 4 * LANES);
        l3.intoArray(tile, 6 * LANES);
        l4.intoArray(tile, 8 * LANES);
    }

    /** 12 rows, one vector. */
    private static void half12(float[] a, MemorySegment b, long bOffset, int[] places, int from, int k, float[] tile) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[12]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[14]);
        FloatVector l8 = FloatVector.broadcast(F32, ZEROS[16]);
        FloatVector l9 = FloatVector.broadcast(F32, ZEROS[18]);
        FloatVector l10 = FloatVector.broadcast(F32, ZEROS[20]);
        FloatVector l11 = FloatVector.broadcast(F32, ZEROS[22]);
        for (int p = 0; p < k; p++) {
            long at = bOffset + places[from + p];
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            l0 = a0.fma(bl, l0);
            FloatVector a1 = FloatVector.broadcast(F32, a[p + ROW]);
            l1 = a1.fma(bl, l1);
            FloatVector a2 = FloatVector.broadcast(F32, a[p + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            FloatVector a3 = FloatVector.broadcast(F32, a[p + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            FloatVector a4 = FloatVector.broadcast(F32, a[p + 4 * ROW]);
            l4 = a4.fma(bl, l4);
            FloatVector a5 = FloatVector.broadcast(F32, a[p + 5 * ROW]);
            l5 = a5.fma(bl, l5);
            FloatVector a6 = FloatVector.broadcast(F32, a[p + 6 * ROW]);
            l6 = a6.fma(bl, l6);
            FloatVector a7 = FloatVector.broadcast(F32, a[p + 7 * ROW]);
            l7 = a7.fma(bl, l7);
            FloatVector a8 = FloatVector.broadcast(F32, a[p + 8 * ROW]);
            l8 = a8.fma(bl, l8);
            FloatVector a9 = FloatVector.broadcast(F32, a[p + 9 * ROW]);
            l9 = a9.fma(bl, l9);
            FloatVector a10 = FloatVector.broadcast(F32, a[p + 10 * ROW]);
            l10 = a10.fma(bl, l10);
            FloatVector a11 = FloatVector.broadcast(F32, a[p + 11 * ROW]);
            l11 = a11.fma(bl, l11);
        }
        l0.intoArray(tile, 0);
        l1.intoArray(tile, 2 * LANES);
        l2.intoArray(tile, 4 * LANES);
        l3.intoArray(tile, 6 * LANES);
        l4.intoArray(tile, 8 * LANES);
        l5.intoArray(tile, 10 * LANES);
        l6.intoArray(tile, 12 * LANES);
        l7.intoArray(tile, 14 * LANES);
        l8.intoArray(tile, 16 * LANES);
        l9.intoArray(tile, 18 * LANES);
        l10.intoArray(tile, 20 * LANES);
        l11.intoArray(tile, 22 * LANES);
    }
}
