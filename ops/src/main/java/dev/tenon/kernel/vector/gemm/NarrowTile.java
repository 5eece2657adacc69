package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link GemmTile} for the last panel of B if only its first columns are valid: one vector of them, or one
 * and a half. All constraints on the loops of {@link GemmTile} hold here too. Each element has the same bits as there.
 */
public final class NarrowTile {
    private static final int LANES = SimdSpecies.LANES;
    private static final VectorSpecies<Float> HALF = SimdSpecies.BITS == 512
            ? FloatVector.SPECIES_256
            : SimdSpecies.BITS == 256 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_64;
    private static final int HALF_LANES = HALF.length();
    private static final long HALF_BYTES = (long) HALF_LANES * Float.BYTES;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int ROW = GemmTile.ROW;

    /** The most columns for which these loops are faster than two full vectors. */
    static final int MIDDLE = SimdSpecies.DOUBLE_PUMPED ? LANES + HALF_LANES : LANES;

    /** The most rows that are computed in a tile of five rows. */
    private static final int FEW_ROWS = 5;

    private static final float[] ZEROS = new float[2 * 12];

    private NarrowTile() {}

    /**
     * Multiplies a tile with the valid columns of a panel, or with all of them where that costs no more.
     *
     * @param columns the valid columns, at least 1
     * @param rows 1 to {@link GemmTile#ROWS}
     * @param a as in {@link GemmTile}
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link GemmTile#DEPTH}
     * @param tile the result as in {@link GemmTile}; the contents of invalid columns are undefined
     */
    public static void multiply(int columns, int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        multiply(columns, MIDDLE, rows, a, b, bOffset, k, tile);
    }

    /**
     * Multiplies a tile as a machine with a given limit would.
     *
     * @param columns the valid columns, at least 1
     * @param middle the most columns for which less than two full vectors are computed
     * @param rows 1 to {@link GemmTile#ROWS}
     * @param a as in the other method
     * @param b as in the other method
     * @param bOffset as in the other method
     * @param k as in the other method
     * @param tile as in the other method
     */
    static void multiply(
            int columns, int middle, int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        if (columns > middle || columns > LANES && rows <= FEW_ROWS || !isCompiled(columns, rows)) {
            GemmTile.multiply(rows, a, b, bOffset, k, tile);
        } else {
            vectors(columns, rows, a, b, bOffset, k, tile);
        }
    }

    private static boolean isCompiled(int columns, int rows) {
        if (columns > LANES) {
            return GemmWarmUps.MIDDLE.over();
        }
        return (rows <= FEW_ROWS ? GemmWarmUps.NARROW_FEW : GemmWarmUps.NARROW).over();
    }

    /**
     * Multiplies a tile on vectors, compiled or not. With more columns than one vector has, 12 rows of A are read and
     * 12 rows of the result are written, however many are valid.
     */
    static void vectors(int columns, int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        if (columns > LANES) {
            halves6(a, 0, b, bOffset, 2 * VECTOR_BYTES, k, tile, 0);
            halves6(a, 6 * ROW, b, bOffset, 2 * VECTOR_BYTES, k, tile, 12 * LANES);
        } else if (rows <= FEW_ROWS) {
            half5(a, b, bOffset, 2 * VECTOR_BYTES, k, tile);
        } else {
            half12(a, b, bOffset, 2 * VECTOR_BYTES, k, tile);
        }
    }

    /** 5 rows, one vector. */
    private static void half5(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[4]);
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            l0 = FloatVector.broadcast(F32, a[p]).fma(bl, l0);
            l1 = FloatVector.broadcast(F32, a[p + ROW]).fma(bl, l1);
            l2 = FloatVector.broadcast(F32, a[p + 2 * ROW]).fma(bl, l2);
            l3 = FloatVector.broadcast(F32, a[p + 3 * ROW]).fma(bl, l3);
            l4 = FloatVector.broadcast(F32, a[p + 4 * ROW]).fma(bl, l4);
            at += bStep;
        }
        l0.intoArray(tile, 0);
        l1.intoArray(tile, 2 * LANES);
        l2.intoArray(tile, 4 * LANES);
        l3.intoArray(tile, 6 * LANES);
        l4.intoArray(tile, 8 * LANES);
    }

    /** 12 rows, one vector. */
    private static void half12(float[] a, MemorySegment b, long bOffset, long bStep, int k, float[] tile) {
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
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            l0 = FloatVector.broadcast(F32, a[p]).fma(bl, l0);
            l1 = FloatVector.broadcast(F32, a[p + ROW]).fma(bl, l1);
            l2 = FloatVector.broadcast(F32, a[p + 2 * ROW]).fma(bl, l2);
            l3 = FloatVector.broadcast(F32, a[p + 3 * ROW]).fma(bl, l3);
            l4 = FloatVector.broadcast(F32, a[p + 4 * ROW]).fma(bl, l4);
            l5 = FloatVector.broadcast(F32, a[p + 5 * ROW]).fma(bl, l5);
            l6 = FloatVector.broadcast(F32, a[p + 6 * ROW]).fma(bl, l6);
            l7 = FloatVector.broadcast(F32, a[p + 7 * ROW]).fma(bl, l7);
            l8 = FloatVector.broadcast(F32, a[p + 8 * ROW]).fma(bl, l8);
            l9 = FloatVector.broadcast(F32, a[p + 9 * ROW]).fma(bl, l9);
            l10 = FloatVector.broadcast(F32, a[p + 10 * ROW]).fma(bl, l10);
            l11 = FloatVector.broadcast(F32, a[p + 11 * ROW]).fma(bl, l11);
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

    /**
     * 6 rows, one and a half vectors as three half vectors. So an element of A is broadcast to half vectors only, which
     * a load does for free. If whole vectors took it too, it would be loaded once and then broadcast twice by the units
     * that multiply.
     */
    private static void halves6(
            float[] a, int from, MemorySegment b, long bOffset, long bStep, int k, float[] tile, int to) {
        b = NATIVE.cast(b);
        FloatVector l0 = FloatVector.broadcast(HALF, ZEROS[0]);
        FloatVector m0 = FloatVector.broadcast(HALF, ZEROS[1]);
        FloatVector r0 = FloatVector.broadcast(HALF, ZEROS[2]);
        FloatVector l1 = FloatVector.broadcast(HALF, ZEROS[3]);
        FloatVector m1 = FloatVector.broadcast(HALF, ZEROS[4]);
        FloatVector r1 = FloatVector.broadcast(HALF, ZEROS[5]);
        FloatVector l2 = FloatVector.broadcast(HALF, ZEROS[6]);
        FloatVector m2 = FloatVector.broadcast(HALF, ZEROS[7]);
        FloatVector r2 = FloatVector.broadcast(HALF, ZEROS[8]);
        FloatVector l3 = FloatVector.broadcast(HALF, ZEROS[9]);
        FloatVector m3 = FloatVector.broadcast(HALF, ZEROS[10]);
        FloatVector r3 = FloatVector.broadcast(HALF, ZEROS[11]);
        FloatVector l4 = FloatVector.broadcast(HALF, ZEROS[12]);
        FloatVector m4 = FloatVector.broadcast(HALF, ZEROS[13]);
        FloatVector r4 = FloatVector.broadcast(HALF, ZEROS[14]);
        FloatVector l5 = FloatVector.broadcast(HALF, ZEROS[15]);
        FloatVector m5 = FloatVector.broadcast(HALF, ZEROS[16]);
        FloatVector r5 = FloatVector.broadcast(HALF, ZEROS[17]);
        long at = bOffset;
        for (int p = from; p < from + k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(HALF, b, at, ORDER);
            FloatVector bm = FloatVector.fromMemorySegment(HALF, b, at + HALF_BYTES, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(HALF, b, at + 2 * HALF_BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(HALF, a[p]);
            l0 = a0.fma(bl, l0);
            m0 = a0.fma(bm, m0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FloatVector.broadcast(HALF, a[p + ROW]);
            l1 = a1.fma(bl, l1);
            m1 = a1.fma(bm, m1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FloatVector.broadcast(HALF, a[p + 2 * ROW]);
            l2 = a2.fma(bl, l2);
            m2 = a2.fma(bm, m2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FloatVector.broadcast(HALF, a[p + 3 * ROW]);
            l3 = a3.fma(bl, l3);
            m3 = a3.fma(bm, m3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FloatVector.broadcast(HALF, a[p + 4 * ROW]);
            l4 = a4.fma(bl, l4);
            m4 = a4.fma(bm, m4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FloatVector.broadcast(HALF, a[p + 5 * ROW]);
            l5 = a5.fma(bl, l5);
            m5 = a5.fma(bm, m5);
            r5 = a5.fma(br, r5);
            at += bStep;
        }
        l0.intoArray(tile, to);
        m0.intoArray(tile, to + HALF_LANES);
        r0.intoArray(tile, to + 2 * HALF_LANES);
        l1.intoArray(tile, to + 2 * LANES);
        m1.intoArray(tile, to + 2 * LANES + HALF_LANES);
        r1.intoArray(tile, to + 2 * LANES + 2 * HALF_LANES);
        l2.intoArray(tile, to + 4 * LANES);
        m2.intoArray(tile, to + 4 * LANES + HALF_LANES);
        r2.intoArray(tile, to + 4 * LANES + 2 * HALF_LANES);
        l3.intoArray(tile, to + 6 * LANES);
        m3.intoArray(tile, to + 6 * LANES + HALF_LANES);
        r3.intoArray(tile, to + 6 * LANES + 2 * HALF_LANES);
        l4.intoArray(tile, to + 8 * LANES);
        m4.intoArray(tile, to + 8 * LANES + HALF_LANES);
        r4.intoArray(tile, to + 8 * LANES + 2 * HALF_LANES);
        l5.intoArray(tile, to + 10 * LANES);
        m5.intoArray(tile, to + 10 * LANES + HALF_LANES);
        r5.intoArray(tile, to + 10 * LANES + 2 * HALF_LANES);
    }
}
