package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link GemmTile} for two panels at a time. A panel that is not in a near cache is one stream of pages;
 * some cores read two streams at more than twice the rate of one. So the first tile of rows is multiplied with two
 * panels at a time. A single row always is: with one panel its two sums would wait for each other. All constraints on
 * the loops of {@link GemmTile} hold here too. Each element has the same bits as there.
 */
public final class PairTile {
    /** Whether there are registers for such tiles, so that two of them have as many rows as one of {@link GemmTile}. */
    private static final boolean FITS = SimdSpecies.REGISTERS >= 32;

    private static final int MIN_ROWS = 24;

    /** The rows of two tiles. */
    static final int ROWS = 12;

    private static final int SIX = ROWS / 2;

    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int ROW = GemmTile.ROW;
    private static final float[] ZEROS = new float[4 * SIX];

    private PairTile() {}

    /**
     * Whether the first rows should be multiplied with two panels at a time.
     *
     * @param rows the rows that are multiplied with a panel, including the first ones
     * @param panelsFar whether panels come from beyond the second-level cache; from that cache a core reads two panels
     *     no faster than one, and waits for both
     * @return true for many rows if panels are far, and for a single row, if there are enough registers
     */
    public static boolean isFaster(int rows, boolean panelsFar) {
        return FITS && (panelsFar && rows >= MIN_ROWS || rows == 1);
    }

    /**
     * Multiplies a row, or {@link #ROWS} rows, with two panels.
     *
     * @param rows the valid rows: 1 or more; rows beyond the first {@link #ROWS} are not multiplied
     * @param a as in {@link GemmTile}
     * @param b memory that holds both panels
     * @param first the byte offset of the first term of the left panel
     * @param second the byte offset of the first term of the right panel
     * @param k the number of terms, 0 to {@link GemmTile#DEPTH}
     * @param left the product with the left panel, as in {@link GemmTile}
     * @param right the product with the right panel
     */
    public static void multiply(
            int rows, float[] a, MemorySegment b, long first, long second, int k, float[] left, float[] right) {
        if (isCompiled(rows)) {
            vectors(rows, a, b, first, second, k, left, right);
        } else {
            GemmTile.multiply(Math.min(rows, ROWS), a, b, first, k, left);
            GemmTile.multiply(Math.min(rows, ROWS), a, b, second, k, right);
        }
    }

    /**
     * Whether the loop for a number of rows is compiled. Counts as a request to compile it.
     *
     * @param rows as in the other method
     * @return true if it is
     */
    static boolean isCompiled(int rows) {
        return (rows == 1 ? GemmWarmUps.PAIR_OF_ROWS : GemmWarmUps.PAIR_OF_TILES).over();
    }

    /** Multiplies on vectors, compiled or not. */
    static void vectors(
            int rows, float[] a, MemorySegment b, long first, long second, int k, float[] left, float[] right) {
        if (rows == 1) {
            one(a, b, first, second, 2 * VECTOR_BYTES, k, left, right);
            return;
        }
        for (int r = 0; r < ROWS; r += SIX) {
            six(a, r * ROW, b, first, second, 2 * VECTOR_BYTES, k, left, right, r * GemmTile.COLUMNS);
        }
    }

    /** 1 row, four vectors. */
    private static void one(
            float[] a, MemorySegment b, long first, long second, long bStep, int k, float[] left, float[] right) {
        b = NATIVE.cast(b);
        FloatVector c0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector c1 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c2 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector c3 = FloatVector.broadcast(F32, ZEROS[3]);
        long at0 = first;
        long at1 = second;
        for (int p = 0; p < k; p++) {
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            c0 = a0.fma(FloatVector.fromMemorySegment(F32, b, at0, ORDER), c0);
            c1 = a0.fma(FloatVector.fromMemorySegment(F32, b, at0 + VECTOR_BYTES, ORDER), c1);
            c2 = a0.fma(FloatVector.fromMemorySegment(F32, b, at1, ORDER), c2);
            c3 = a0.fma(FloatVector.fromMemorySegment(F32, b, at1 + VECTOR_BYTES, ORDER), c3);
            at0 += bStep;
            at1 += bStep;
        }
        c0.intoArray(left, 0);
        c1.intoArray(left, LANES);
        c2.intoArray(right, 0);
        c3.intoArray(right, LANES);
    }

    /** 6 rows, four vectors. */
    private static void six(
            float[] a,
            int aOffset,
            MemorySegment b,
            long first,
            long second,
            long bStep,
            int k,
            float[] left,
            float[] right,
            int to) {
        b = NATIVE.cast(b);
        FloatVector c00 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector c01 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector c02 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector c03 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector c10 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector c11 = FloatVector.broadcast(F32, ZEROS[5]);
        FloatVector c12 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector c13 = FloatVector.broadcast(F32, ZEROS[7]);
        FloatVector c20 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector c21 = FloatVector.broadcast(F32, ZEROS[9]);
        FloatVector c22 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector c23 = FloatVector.broadcast(F32, ZEROS[11]);
        FloatVector c30 = FloatVector.broadcast(F32, ZEROS[12]);
        FloatVector c31 = FloatVector.broadcast(F32, ZEROS[13]);
        FloatVector c32 = FloatVector.broadcast(F32, ZEROS[14]);
        FloatVector c33 = FloatVector.broadcast(F32, ZEROS[15]);
        FloatVector c40 = FloatVector.broadcast(F32, ZEROS[16]);
        FloatVector c41 = FloatVector.broadcast(F32, ZEROS[17]);
        FloatVector c42 = FloatVector.broadcast(F32, ZEROS[18]);
        FloatVector c43 = FloatVector.broadcast(F32, ZEROS[19]);
        FloatVector c50 = FloatVector.broadcast(F32, ZEROS[20]);
        FloatVector c51 = FloatVector.broadcast(F32, ZEROS[21]);
        FloatVector c52 = FloatVector.broadcast(F32, ZEROS[22]);
        FloatVector c53 = FloatVector.broadcast(F32, ZEROS[23]);
        long at0 = first;
        long at1 = second;
        for (int p = aOffset; p < aOffset + k; p++) {
            FloatVector b0 = FloatVector.fromMemorySegment(F32, b, at0, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(F32, b, at0 + VECTOR_BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(F32, b, at1, ORDER);
            FloatVector b3 = FloatVector.fromMemorySegment(F32, b, at1 + VECTOR_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(F32, a[p]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            FloatVector a1 = FloatVector.broadcast(F32, a[p + ROW]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            FloatVector a2 = FloatVector.broadcast(F32, a[p + 2 * ROW]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            c23 = a2.fma(b3, c23);
            FloatVector a3 = FloatVector.broadcast(F32, a[p + 3 * ROW]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            c33 = a3.fma(b3, c33);
            FloatVector a4 = FloatVector.broadcast(F32, a[p + 4 * ROW]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            c42 = a4.fma(b2, c42);
            c43 = a4.fma(b3, c43);
            FloatVector a5 = FloatVector.broadcast(F32, a[p + 5 * ROW]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            c52 = a5.fma(b2, c52);
            c53 = a5.fma(b3, c53);
            at0 += bStep;
            at1 += bStep;
        }
        c00.intoArray(left, to);
        c01.intoArray(left, to + LANES);
        c02.intoArray(right, to);
        c03.intoArray(right, to + LANES);
        c10.intoArray(left, to + 2 * LANES);
        c11.intoArray(left, to + 3 * LANES);
        c12.intoArray(right, to + 2 * LANES);
        c13.intoArray(right, to + 3 * LANES);
        c20.intoArray(left, to + 4 * LANES);
        c21.intoArray(left, to + 5 * LANES);
        c22.intoArray(right, to + 4 * LANES);
        c23.intoArray(right, to + 5 * LANES);
        c30.intoArray(left, to + 6 * LANES);
        c31.intoArray(left, to + 7 * LANES);
        c32.intoArray(right, to + 6 * LANES);
        c33.intoArray(right, to + 7 * LANES);
        c40.intoArray(left, to + 8 * LANES);
        c41.intoArray(left, to + 9 * LANES);
        c42.intoArray(right, to + 8 * LANES);
        c43.intoArray(right, to + 9 * LANES);
        c50.intoArray(left, to + 10 * LANES);
        c51.intoArray(left, to + 11 * LANES);
        c52.intoArray(right, to + 10 * LANES);
        c53.intoArray(right, to + 11 * LANES);
    }
}
