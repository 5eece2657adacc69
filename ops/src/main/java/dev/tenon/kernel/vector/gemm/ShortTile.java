package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The loops of {@link GemmTile} for few terms. To write a tile and to read it again would take as long as several
 * terms. So the sums get their bias, are clamped and are written to the result while they are in registers: six rows of
 * two vectors at a time, or twelve rows of one. More would not fit into the limits of the compilers. All constraints on
 * the loops of {@link GemmTile} hold here too. Each element has the same bits as with {@link GemmTile} and {@link
 * TileRows}. Needs 32 vector registers.
 */
public final class ShortTile {
    /** The rows of a tile. */
    static final int ROWS = 12;

    /** The most terms with which these loops are faster. */
    static final int MAX_TERMS = 64;

    /**
     * The most terms with which these loops are faster for two vectors. With more terms, twelve rows at a time save
     * more than the separate store costs.
     */
    private static final int MAX_WIDE_TERMS = 32;

    private static final int HALF = ROWS / 2;
    private static final int ROW = GemmTile.ROW;
    private static final long VECTOR_BYTES = (long) SimdSpecies.LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZEROS = new float[ROWS];

    private ShortTile() {}

    /** Whether these loops take a tile of some rows and terms, and are compiled. */
    public static boolean isUsable(int rows, int terms) {
        return rows == ROWS && terms <= MAX_TERMS && GemmTile.ROWS == ROWS && GemmWarmUps.SHORT_TILE.over();
    }

    /**
     * Whether these loops are faster for some valid columns of a panel and a number of terms. They are not where {@link
     * NarrowTile} computes one and a half vectors.
     */
    public static boolean isFaster(int columns, int terms) {
        return columns <= SimdSpecies.LANES || columns > NarrowTile.MIDDLE && terms <= MAX_WIDE_TERMS;
    }

    /**
     * Multiplies a tile with one or both vectors of a panel, adds a bias, clamps the sums, and writes them in the order
     * of rows. A row's last vector may write beyond the valid columns, to where the next row is written. NaN stays NaN.
     *
     * @param columns the valid columns, at least 1
     * @param a as in {@link GemmTile}, {@link #ROWS} rows
     * @param b memory that holds the panel
     * @param bOffset the byte offset of the panel's first term
     * @param k the number of terms, 0 to {@link GemmTile#DEPTH}
     * @param start memory that holds the bias
     * @param bias the byte offset of its first element
     * @param least the lower bound
     * @param greatest the upper bound
     * @param y memory of the result
     * @param to the byte offset of the first row
     * @param apart bytes from row to row
     */
    public static void multiply(
            int columns,
            float[] a,
            MemorySegment b,
            long bOffset,
            int k,
            MemorySegment start,
            long bias,
            float least,
            float greatest,
            MemorySegment y,
            long to,
            long apart) {
        if (columns <= SimdSpecies.LANES) {
            rows12(a, b, bOffset, 2 * VECTOR_BYTES, k, start, bias, least, greatest, y, to, apart);
        } else {
            rows6(a, 0, b, bOffset, 2 * VECTOR_BYTES, k, start, bias, least, greatest, y, to, apart);
            long half = to + HALF * apart;
            rows6(a, HALF * ROW, b, bOffset, 2 * VECTOR_BYTES, k, start, bias, least, greatest, y, half, apart);
        }
    }

    /** 6 rows, two vectors. */
    private static void rows6(
            float[] a,
            int first,
            MemorySegment b,
            long bOffset,
            long bStep,
            int k,
            MemorySegment start,
            long bias,
            float least,
            float greatest,
            MemorySegment y,
            long to,
            long apart) {
        b = NATIVE.cast(b);
        start = NATIVE.cast(start);
        y = NATIVE.cast(y);
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
        long at = bOffset;
        for (int p = first; p < first + k; p++) {
            FloatVector bl = FloatVector.fromMemorySegment(F32, b, at, ORDER);
            FloatVector br = FloatVector.fromMemorySegment(F32, b, at + VECTOR_BYTES, ORDER);
            FloatVector a0 = FLOATS.cast(FloatVector.broadcast(F32, a[p]));
            l0 = a0.fma(bl, l0);
            r0 = a0.fma(br, r0);
            FloatVector a1 = FLOATS.cast(FloatVector.broadcast(F32, a[p + ROW]));
            l1 = a1.fma(bl, l1);
            r1 = a1.fma(br, r1);
            FloatVector a2 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 2 * ROW]));
            l2 = a2.fma(bl, l2);
            r2 = a2.fma(br, r2);
            FloatVector a3 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 3 * ROW]));
            l3 = a3.fma(bl, l3);
            r3 = a3.fma(br, r3);
            FloatVector a4 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 4 * ROW]));
            l4 = a4.fma(bl, l4);
            r4 = a4.fma(br, r4);
            FloatVector a5 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 5 * ROW]));
            l5 = a5.fma(bl, l5);
            r5 = a5.fma(br, r5);
            at += bStep;
        }
        FloatVector left = FLOATS.cast(FloatVector.fromMemorySegment(F32, start, bias, ORDER));
        FloatVector right = FLOATS.cast(FloatVector.fromMemorySegment(F32, start, bias + VECTOR_BYTES, ORDER));
        l0 = left.add(l0);
        r0 = right.add(r0);
        l1 = left.add(l1);
        r1 = right.add(r1);
        l2 = left.add(l2);
        r2 = right.add(r2);
        l3 = left.add(l3);
        r3 = right.add(r3);
        l4 = left.add(l4);
        r4 = right.add(r4);
        l5 = left.add(l5);
        r5 = right.add(r5);
        l0 = l0.blend(least, l0.compare(VectorOperators.LT, least));
        r0 = r0.blend(least, r0.compare(VectorOperators.LT, least));
        l1 = l1.blend(least, l1.compare(VectorOperators.LT, least));
        r1 = r1.blend(least, r1.compare(VectorOperators.LT, least));
        l2 = l2.blend(least, l2.compare(VectorOperators.LT, least));
        r2 = r2.blend(least, r2.compare(VectorOperators.LT, least));
        l3 = l3.blend(least, l3.compare(VectorOperators.LT, least));
        r3 = r3.blend(least, r3.compare(VectorOperators.LT, least));
        l4 = l4.blend(least, l4.compare(VectorOperators.LT, least));
        r4 = r4.blend(least, r4.compare(VectorOperators.LT, least));
        l5 = l5.blend(least, l5.compare(VectorOperators.LT, least));
        r5 = r5.blend(least, r5.compare(VectorOperators.LT, least));
        l0.blend(greatest, l0.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to, ORDER);
        r0.blend(greatest, r0.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + VECTOR_BYTES, ORDER);
        l1.blend(greatest, l1.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + apart, ORDER);
        r1.blend(greatest, r1.compare(VectorOperators.GT, greatest))
                .intoMemorySegment(y, to + apart + VECTOR_BYTES, ORDER);
        l2.blend(greatest, l2.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 2 * apart, ORDER);
        r2.blend(greatest, r2.compare(VectorOperators.GT, greatest))
                .intoMemorySegment(y, to + 2 * apart + VECTOR_BYTES, ORDER);
        l3.blend(greatest, l3.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 3 * apart, ORDER);
        r3.blend(greatest, r3.compare(VectorOperators.GT, greatest))
                .intoMemorySegment(y, to + 3 * apart + VECTOR_BYTES, ORDER);
        l4.blend(greatest, l4.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 4 * apart, ORDER);
        r4.blend(greatest, r4.compare(VectorOperators.GT, greatest))
                .intoMemorySegment(y, to + 4 * apart + VECTOR_BYTES, ORDER);
        l5.blend(greatest, l5.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 5 * apart, ORDER);
        r5.blend(greatest, r5.compare(VectorOperators.GT, greatest))
                .intoMemorySegment(y, to + 5 * apart + VECTOR_BYTES, ORDER);
    }

    /** 12 rows, one vector. */
    private static void rows12(
            float[] a,
            MemorySegment b,
            long bOffset,
            long bStep,
            int k,
            MemorySegment start,
            long bias,
            float least,
            float greatest,
            MemorySegment y,
            long to,
            long apart) {
        b = NATIVE.cast(b);
        start = NATIVE.cast(start);
        y = NATIVE.cast(y);
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
            l0 = FLOATS.cast(FloatVector.broadcast(F32, a[p])).fma(bl, l0);
            l1 = FLOATS.cast(FloatVector.broadcast(F32, a[p + ROW])).fma(bl, l1);
            l2 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 2 * ROW])).fma(bl, l2);
            l3 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 3 * ROW])).fma(bl, l3);
            l4 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 4 * ROW])).fma(bl, l4);
            l5 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 5 * ROW])).fma(bl, l5);
            l6 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 6 * ROW])).fma(bl, l6);
            l7 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 7 * ROW])).fma(bl, l7);
            l8 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 8 * ROW])).fma(bl, l8);
            l9 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 9 * ROW])).fma(bl, l9);
            l10 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 10 * ROW])).fma(bl, l10);
            l11 = FLOATS.cast(FloatVector.broadcast(F32, a[p + 11 * ROW])).fma(bl, l11);
            at += bStep;
        }
        FloatVector left = FLOATS.cast(FloatVector.fromMemorySegment(F32, start, bias, ORDER));
        l0 = left.add(l0);
        l1 = left.add(l1);
        l2 = left.add(l2);
        l3 = left.add(l3);
        l4 = left.add(l4);
        l5 = left.add(l5);
        l6 = left.add(l6);
        l7 = left.add(l7);
        l8 = left.add(l8);
        l9 = left.add(l9);
        l10 = left.add(l10);
        l11 = left.add(l11);
        l0 = l0.blend(least, l0.compare(VectorOperators.LT, least));
        l1 = l1.blend(least, l1.compare(VectorOperators.LT, least));
        l2 = l2.blend(least, l2.compare(VectorOperators.LT, least));
        l3 = l3.blend(least, l3.compare(VectorOperators.LT, least));
        l4 = l4.blend(least, l4.compare(VectorOperators.LT, least));
        l5 = l5.blend(least, l5.compare(VectorOperators.LT, least));
        l6 = l6.blend(least, l6.compare(VectorOperators.LT, least));
        l7 = l7.blend(least, l7.compare(VectorOperators.LT, least));
        l8 = l8.blend(least, l8.compare(VectorOperators.LT, least));
        l9 = l9.blend(least, l9.compare(VectorOperators.LT, least));
        l10 = l10.blend(least, l10.compare(VectorOperators.LT, least));
        l11 = l11.blend(least, l11.compare(VectorOperators.LT, least));
        l0.blend(greatest, l0.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to, ORDER);
        l1.blend(greatest, l1.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + apart, ORDER);
        l2.blend(greatest, l2.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 2 * apart, ORDER);
        l3.blend(greatest, l3.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 3 * apart, ORDER);
        l4.blend(greatest, l4.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 4 * apart, ORDER);
        l5.blend(greatest, l5.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 5 * apart, ORDER);
        l6.blend(greatest, l6.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 6 * apart, ORDER);
        l7.blend(greatest, l7.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 7 * apart, ORDER);
        l8.blend(greatest, l8.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 8 * apart, ORDER);
        l9.blend(greatest, l9.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 9 * apart, ORDER);
        l10.blend(greatest, l10.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 10 * apart, ORDER);
        l11.blend(greatest, l11.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 11 * apart, ORDER);
    }
}
