package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link GemmTile} for the last panel of a right operand, of which only the first columns count: one vector
 * of them, or one and a half. Everything that {@link GemmTile} says of the shape of its loops holds here too, and each
 * element has the bits that it has there.
 */
final class NarrowTile {
    private static final int LANES = VectorShape.LANES;
    private static final VectorSpecies<Float> HALF = VectorShape.BITS == 512 ? FloatVector.SPECIES_256 : F32;
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int ROW = GemmTile.ROW;

    /** The columns up to which less than two vectors do. */
    private static final int MIDDLE = VectorShape.HALVES ? LANES + HALF.length() : LANES;

    /** Rows up to which a tile of six rows does, of one vector or of two. */
    private static final int FEW_ROWS = 6;

    private static final float[] ZEROS = new float[2 * 12];

    private NarrowTile() {}

    /**
     * Multiplies a tile with some columns of a panel, or with all of them where that costs no more.
     *
     * @param columns the columns that count, at least 1
     * @param rows 1 to {@link GemmTile#ROWS}
     * @param a A as {@link GemmTile} has it
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link GemmTile#DEPTH}
     * @param tile the result, as {@link GemmTile} has it; columns that do not count may hold anything
     */
    static void multiply(int columns, int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        multiply(columns, MIDDLE, rows, a, b, bOffset, k, tile);
    }

    /**
     * Multiplies a tile as on a machine that is named.
     *
     * @param columns the columns that count, at least 1
     * @param middle the columns up to which less than two vectors do, one vector of them or one and a half
     * @param rows 1 to {@link GemmTile#ROWS}
     * @param a as the other method has it
     * @param b as the other method has it
     * @param bOffset as the other method has it
     * @param k as the other method has it
     * @param tile as the other method has it
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
            return Rehearsals.MIDDLE.over();
        }
        return (rows <= FEW_ROWS ? Rehearsals.NARROW_FEW : Rehearsals.NARROW).over();
    }

    /** Multiplies a tile with fewer columns than a panel has on vectors, compiled or not. */
    static void vectors(int columns, int rows, float[] a, MemorySegment b, long bOffset, int k, float[] tile) {
        if (columns > LANES) {
            middle12(a, 1, b, bOffset, 2 * VECTOR_BYTES, k, tile);
        } else if (rows <= FEW_ROWS) {
            half6(a, 1, b, bOffset, 2 * VECTOR_BYTES, k, tile);
        } else {
            half12(a, 1, b, bOffset, 2 * VECTOR_BYTES, k, tile);
        }
    }

    /** 6 rows, one vector. */
    private static void half6(float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile) {
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[3]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[5]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            l0 = FloatVector.broadcast(F32, a[q]).fma(bl, l0);
            l1 = FloatVector.broadcast(F32, a[q + ROW]).fma(bl, l1);
            l2 = FloatVector.broadcast(F32, a[q + 2 * ROW]).fma(bl, l2);
            l3 = FloatVector.broadcast(F32, a[q + 3 * ROW]).fma(bl, l3);
            l4 = FloatVector.broadcast(F32, a[q + 4 * ROW]).fma(bl, l4);
            l5 = FloatVector.broadcast(F32, a[q + 5 * ROW]).fma(bl, l5);
            q += aStep;
            at += bStep;
        }
        l0.intoArray(tile, 0);
        l1.intoArray(tile, 2 * LANES);
        l2.intoArray(tile, 4 * LANES);
        l3.intoArray(tile, 6 * LANES);
        l4.intoArray(tile, 8 * LANES);
        l5.intoArray(tile, 10 * LANES);
    }

    /** 12 rows, one vector. */
    private static void half12(float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile) {
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
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            l0 = FloatVector.broadcast(F32, a[q]).fma(bl, l0);
            l1 = FloatVector.broadcast(F32, a[q + ROW]).fma(bl, l1);
            l2 = FloatVector.broadcast(F32, a[q + 2 * ROW]).fma(bl, l2);
            l3 = FloatVector.broadcast(F32, a[q + 3 * ROW]).fma(bl, l3);
            l4 = FloatVector.broadcast(F32, a[q + 4 * ROW]).fma(bl, l4);
            l5 = FloatVector.broadcast(F32, a[q + 5 * ROW]).fma(bl, l5);
            l6 = FloatVector.broadcast(F32, a[q + 6 * ROW]).fma(bl, l6);
            l7 = FloatVector.broadcast(F32, a[q + 7 * ROW]).fma(bl, l7);
            l8 = FloatVector.broadcast(F32, a[q + 8 * ROW]).fma(bl, l8);
            l9 = FloatVector.broadcast(F32, a[q + 9 * ROW]).fma(bl, l9);
            l10 = FloatVector.broadcast(F32, a[q + 10 * ROW]).fma(bl, l10);
            l11 = FloatVector.broadcast(F32, a[q + 11 * ROW]).fma(bl, l11);
            q += aStep;
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

    /** 12 rows, one and a half vectors. Halves load elements of A anew: to take them from vectors would be to reinterpret these. */
    private static void middle12(float[] a, int aStep, MemorySegment b, long bOffset, long bStep, int k, float[] tile) {
        FloatVector l0 = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector r0 = FloatVector.broadcast(HALF, ZEROS[1]);
        FloatVector l1 = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector r1 = FloatVector.broadcast(HALF, ZEROS[3]);
        FloatVector l2 = FloatVector.broadcast(F32, ZEROS[4]);
        FloatVector r2 = FloatVector.broadcast(HALF, ZEROS[5]);
        FloatVector l3 = FloatVector.broadcast(F32, ZEROS[6]);
        FloatVector r3 = FloatVector.broadcast(HALF, ZEROS[7]);
        FloatVector l4 = FloatVector.broadcast(F32, ZEROS[8]);
        FloatVector r4 = FloatVector.broadcast(HALF, ZEROS[9]);
        FloatVector l5 = FloatVector.broadcast(F32, ZEROS[10]);
        FloatVector r5 = FloatVector.broadcast(HALF, ZEROS[11]);
        FloatVector l6 = FloatVector.broadcast(F32, ZEROS[12]);
        FloatVector r6 = FloatVector.broadcast(HALF, ZEROS[13]);
        FloatVector l7 = FloatVector.broadcast(F32, ZEROS[14]);
        FloatVector r7 = FloatVector.broadcast(HALF, ZEROS[15]);
        FloatVector l8 = FloatVector.broadcast(F32, ZEROS[16]);
        FloatVector r8 = FloatVector.broadcast(HALF, ZEROS[17]);
        FloatVector l9 = FloatVector.broadcast(F32, ZEROS[18]);
        FloatVector r9 = FloatVector.broadcast(HALF, ZEROS[19]);
        FloatVector l10 = FloatVector.broadcast(F32, ZEROS[20]);
        FloatVector r10 = FloatVector.broadcast(HALF, ZEROS[21]);
        FloatVector l11 = FloatVector.broadcast(F32, ZEROS[22]);
        FloatVector r11 = FloatVector.broadcast(HALF, ZEROS[23]);
        int q = 0;
        long at = bOffset;
        for (int p = 0; p < k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(HALF, b, at + VECTOR_BYTES, ORDER);
            l0 = FloatVector.broadcast(F32, a[q]).fma(bl, l0);
            r0 = FloatVector.broadcast(HALF, a[q]).fma(br, r0);
            l1 = FloatVector.broadcast(F32, a[q + ROW]).fma(bl, l1);
            r1 = FloatVector.broadcast(HALF, a[q + ROW]).fma(br, r1);
            l2 = FloatVector.broadcast(F32, a[q + 2 * ROW]).fma(bl, l2);
            r2 = FloatVector.broadcast(HALF, a[q + 2 * ROW]).fma(br, r2);
            l3 = FloatVector.broadcast(F32, a[q + 3 * ROW]).fma(bl, l3);
            r3 = FloatVector.broadcast(HALF, a[q + 3 * ROW]).fma(br, r3);
            l4 = FloatVector.broadcast(F32, a[q + 4 * ROW]).fma(bl, l4);
            r4 = FloatVector.broadcast(HALF, a[q + 4 * ROW]).fma(br, r4);
            l5 = FloatVector.broadcast(F32, a[q + 5 * ROW]).fma(bl, l5);
            r5 = FloatVector.broadcast(HALF, a[q + 5 * ROW]).fma(br, r5);
            l6 = FloatVector.broadcast(F32, a[q + 6 * ROW]).fma(bl, l6);
            r6 = FloatVector.broadcast(HALF, a[q + 6 * ROW]).fma(br, r6);
            l7 = FloatVector.broadcast(F32, a[q + 7 * ROW]).fma(bl, l7);
            r7 = FloatVector.broadcast(HALF, a[q + 7 * ROW]).fma(br, r7);
            l8 = FloatVector.broadcast(F32, a[q + 8 * ROW]).fma(bl, l8);
            r8 = FloatVector.broadcast(HALF, a[q + 8 * ROW]).fma(br, r8);
            l9 = FloatVector.broadcast(F32, a[q + 9 * ROW]).fma(bl, l9);
            r9 = FloatVector.broadcast(HALF, a[q + 9 * ROW]).fma(br, r9);
            l10 = FloatVector.broadcast(F32, a[q + 10 * ROW]).fma(bl, l10);
            r10 = FloatVector.broadcast(HALF, a[q + 10 * ROW]).fma(br, r10);
            l11 = FloatVector.broadcast(F32, a[q + 11 * ROW]).fma(bl, l11);
            r11 = FloatVector.broadcast(HALF, a[q + 11 * ROW]).fma(br, r11);
            q += aStep;
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
}
