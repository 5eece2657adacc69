package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The micro-kernel of a convolution that reads windows in place from image rows. Neighbouring windows begin at
 * neighbouring elements; a table holds the offsets of a window's terms. All constraints on the loops of {@link
 * GemmTile} hold here too. Each element has the same bits as there.
 */
final class LineConvTile {
    /** The most windows of a tile, at most {@link GemmScratch#MOST_ROWS}. */
    static final int WINDOWS = 12;

    private static final int HALF = 8;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final boolean MANY_REGISTERS = SimdSpecies.REGISTERS >= 32;
    private static final float[] ZEROS = new float[2 * WINDOWS];

    private LineConvTile() {}

    /**
     * The windows that the next tile should take so that all remaining windows of a row cost least.
     *
     * @param left the remaining windows, at least 1
     * @param columns the valid columns of the panel, at least 1
     * @return 1 to {@link #WINDOWS}, at most {@code left}
     */
    static int windows(int left, int columns) {
        if (columns > LANES && !MANY_REGISTERS) {
            return Math.min(left, 4);
        }
        return left > 2 * HALF ? WINDOWS : Math.min(left, left > WINDOWS ? HALF : WINDOWS);
    }

    /**
     * Multiplies the windows of a tile with a panel.
     *
     * @param columns the valid columns of the panel, at least 1
     * @param windows the result of {@link #windows} for them
     * @param a the image rows; up to {@link #WINDOWS} windows are read; windows beyond {@code windows} have no effect
     *     on the others
     * @param first the index that the offsets of the first window are relative to
     * @param places the offsets of the terms of a window
     * @param b memory that holds the panel, a row of {@link GemmTile#COLUMNS} for each term
     * @param bOffset the byte offset of its first row
     * @param tile the products, {@link GemmTile#COLUMNS} elements from window to window; written, not read; the
     *     contents of invalid columns are undefined
     */
    static void multiply(
            int columns, int windows, float[] a, int first, int[] places, MemorySegment b, long bOffset, float[] tile) {
        if (columns <= LANES) {
            if (windows <= HALF) {
                narrow8(a, first, places, b, bOffset, 2 * VECTOR_BYTES, tile);
            } else {
                narrow12(a, first, places, b, bOffset, 2 * VECTOR_BYTES, tile);
            }
        } else if (windows <= 4) {
            wide4(a, first, places, b, bOffset, 2 * VECTOR_BYTES, tile);
        } else if (windows <= HALF) {
            wide8(a, first, places, b, bOffset, 2 * VECTOR_BYTES, tile);
        } else {
            wide12(a, first, places, b, bOffset, 2 * VECTOR_BYTES, tile);
        }
    }

    /** 4 windows, two vectors. */
    private static void wide4(
            float[] a, int first, int[] places, MemorySegment b, long bOffset, long bStep, float[] tile) {
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
        for (int place : places) {
            int q = first + place;
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + 1]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[q + 2]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[q + 3]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            at += bStep;
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

    /** 8 windows, two vectors. */
    private static void wide8(
            float[] a, int first, int[] places, MemorySegment b, long bOffset, long bStep, float[] tile) {
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
        long at = bOffset;
        for (int place : places) {
            int q = first + place;
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + 1]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[q + 2]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[q + 3]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(F32, a[q + 4]);
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FloatVector.broadcast(F32, a[q + 5]);
            l5 = a5.fma(bl, l5);
            r5 = a5.fma(br, r5);
            FloatVector a6 = FloatVector.broadcast(F32, a[q + 6]);
            l6 = a6.fma(bl, l6);
            r6 = a6.fma(br, r6);
            FloatVector a7 = FloatVector.broadcast(F32, a[q + 7]);
            l7 = a7.fma(bl, l7);
            r7 = a7.fma(br, r7);
            at += bStep;
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

    /** 12 windows, two vectors. */
    private static void wide12(
            float[] a, int first, int[] places, MemorySegment b, long bOffset, long bStep, float[] tile) {
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
        for (int place : places) {
            int q = first + place;
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[q]);
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(F32, a[q + 1]);
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(F32, a[q + 2]);
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(F32, a[q + 3]);
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(F32, a[q + 4]);
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FloatVector.broadcast(F32, a[q + 5]);
            l5 = a5.fma(bl, l5);
            r5 = a5.fma(br, r5);
            FloatVector a6 = FloatVector.broadcast(F32, a[q + 6]);
            l6 = a6.fma(bl, l6);
            r6 = a6.fma(br, r6);
            FloatVector a7 = FloatVector.broadcast(F32, a[q + 7]);
            l7 = a7.fma(bl, l7);
            r7 = a7.fma(br, r7);
            FloatVector a8 = FloatVector.broadcast(F32, a[q + 8]);
            l8 = a8.fma(bl, l8);
            r8 = a8.fma(br, r8);
            FloatVector a9 = FloatVector.broadcast(F32, a[q + 9]);
            l9 = a9.fma(bl, l9);
            r9 = a9.fma(br, r9);
            FloatVector a10 = FloatVector.broadcast(F32, a[q + 10]);
            l10 = a10.fma(bl, l10);
            r10 = a10.fma(br, r10);
            FloatVector a11 = FloatVector.broadcast(F32, a[q + 11]);
            l11 = a11.fma(bl, l11);
            r11 = a11.fma(br, r11);
            at += bStep;
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

    /** 8 windows, one vector. */
    private static void narrow8(
            float[] a, int first, int[] places, MemorySegment b, long bOffset, long bStep, float[] tile) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[7]);
        long at = bOffset;
        for (int place : places) {
            int q = first + place;
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            l0 = FloatVector.broadcast(F32, a[q]).fma(bl, l0);
            l1 = FloatVector.broadcast(F32, a[q + 1]).fma(bl, l1);
            l2 = FloatVector.broadcast(F32, a[q + 2]).fma(bl, l2);
            l3 = FloatVector.broadcast(F32, a[q + 3]).fma(bl, l3);
            l4 = FloatVector.broadcast(F32, a[q + 4]).fma(bl, l4);
            l5 = FloatVector.broadcast(F32, a[q + 5]).fma(bl, l5);
            l6 = FloatVector.broadcast(F32, a[q + 6]).fma(bl, l6);
            l7 = FloatVector.broadcast(F32, a[q + 7]).fma(bl, l7);
            at += bStep;
        }
        l0.intoArray(tile, 0);
        l1.intoArray(tile, 2 * LANES);
        l2.intoArray(tile, 4 * LANES);
        l3.intoArray(tile, 6 * LANES);
        l4.intoArray(tile, 8 * LANES);
        l5.intoArray(tile, 10 * LANES);
        l6.intoArray(tile, 12 * LANES);
        l7.intoArray(tile, 14 * LANES);
    }

    /** 12 windows, one vector. */
    private static void narrow12(
            float[] a, int first, int[] places, MemorySegment b, long bOffset, long bStep, float[] tile) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[7]);
        FloatVector l8 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector l9 = FloatVector.broadcast(F32, ZEROS[9]);
        FloatVector l10 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector l11 = FloatVector.broadcast(F32, ZEROS[11]);
        long at = bOffset;
        for (int place : places) {
            int q = first + place;
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            l0 = FloatVector.broadcast(F32, a[q]).fma(bl, l0);
            l1 = FloatVector.broadcast(F32, a[q + 1]).fma(bl, l1);
            l2 = FloatVector.broadcast(F32, a[q + 2]).fma(bl, l2);
            l3 = FloatVector.broadcast(F32, a[q + 3]).fma(bl, l3);
            l4 = FloatVector.broadcast(F32, a[q + 4]).fma(bl, l4);
            l5 = FloatVector.broadcast(F32, a[q + 5]).fma(bl, l5);
            l6 = FloatVector.broadcast(F32, a[q + 6]).fma(bl, l6);
            l7 = FloatVector.broadcast(F32, a[q + 7]).fma(bl, l7);
            l8 = FloatVector.broadcast(F32, a[q + 8]).fma(bl, l8);
            l9 = FloatVector.broadcast(F32, a[q + 9]).fma(bl, l9);
            l10 = FloatVector.broadcast(F32, a[q + 10]).fma(bl, l10);
            l11 = FloatVector.broadcast(F32, a[q + 11]).fma(bl, l11);
            at += bStep;
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
