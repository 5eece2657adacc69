package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Bytes.I8;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that select among elements of 32 bits: see {@link TernaryLoop} for their arguments. The granule is four
 * vectors. The truth values of a vector fill one of bytes; but the four of 128 bits, which are an integer.
 */
public final class VectorSelect {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) LANES * Float.BYTES;
    /** Two vectors are loaded before one is stored: a store delays later loads at the same place of a page. */
    private static final long BLOCK = 2 * WIDTH;

    /** The bytes of an integer, one in each lane. */
    private static final int[] LANE_BYTES = {0xff, 0xff00, 0xff0000, 0xff000000};

    private static final ValueLayout.OfInt FOUR = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    private VectorSelect() {}

    private static FloatVector splat(MemorySegment x, long at) {
        return FloatVector.broadcast(F32, x.get(ValueLayout.JAVA_FLOAT, at));
    }

    private static VectorMask<Float> truth(MemorySegment c, long at) {
        c = NATIVE.cast(c);
        if (LANES == LANE_BYTES.length) {
            return IntVector.fromArray(I32, LANE_BYTES, 0)
                    .and(c.get(FOUR, at))
                    .compare(VectorOperators.NE, 0)
                    .cast(F32);
        }
        return ByteVector.fromMemorySegment(I8, c, at, LE)
                .compare(VectorOperators.NE, (byte) 0)
                .cast(F32);
    }

    /**
     * The second operand where the first, a boolean, is true, else the third.
     *
     * @param c the condition
     * @param cAt its first element, bytes
     * @param cStep 1 if it is contiguous, 0 if its one element is repeated
     * @param a what is taken where it is true
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b what is taken where it is false
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void where(
            MemorySegment c,
            long cAt,
            int cStep,
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        if (cStep == 0) {
            boolean first = c.get(ValueLayout.JAVA_BYTE, cAt) != 0;
            MemorySegment x = first ? a : b;
            long xAt = first ? aAt : bAt;
            if ((first ? aStep : bStep) == 1) {
                MemoryMoves.copy(x, xAt, y, yAt, (long) n * Float.BYTES);
            } else {
                MemoryMoves.fill(x, xAt, y, yAt, n, Float.BYTES);
            }
        } else if (aStep == 1 && bStep == 1) {
            both(c, cAt, a, aAt, b, bAt, y, yAt, n);
        } else if (aStep == 1) {
            first(c, cAt, a, aAt, b, bAt, y, yAt, n);
        } else if (bStep == 1) {
            second(c, cAt, a, aAt, b, bAt, y, yAt, n);
        } else {
            neither(c, cAt, a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void both(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment y,
            long yAt,
            int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FloatVector.fromMemorySegment(F32, b, bAt + at, LE)
                    .blend(FloatVector.fromMemorySegment(F32, a, aAt + at, LE), truth(c, cAt + at / Float.BYTES));
            FloatVector r1 = FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE)
                    .blend(
                            FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE),
                            truth(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void first(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment y,
            long yAt,
            int n) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 =
                    v.blend(FloatVector.fromMemorySegment(F32, a, aAt + at, LE), truth(c, cAt + at / Float.BYTES));
            FloatVector r1 = v.blend(
                    FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE),
                    truth(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void second(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment y,
            long yAt,
            int n) {
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = splat(a, aAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 =
                    FloatVector.fromMemorySegment(F32, b, bAt + at, LE).blend(u, truth(c, cAt + at / Float.BYTES));
            FloatVector r1 = FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE)
                    .blend(u, truth(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void neither(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment y,
            long yAt,
            int n) {
        y = NATIVE.cast(y);
        FloatVector u = splat(a, aAt);
        FloatVector v = splat(b, bAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = v.blend(u, truth(c, cAt + at / Float.BYTES));
            FloatVector r1 = v.blend(u, truth(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * The first operand, not below the second nor above the third, which are one element each.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param xStep 1
     * @param lo the least result
     * @param loAt its place, bytes
     * @param loStep not used
     * @param hi the greatest result
     * @param hiAt its place, bytes
     * @param hiStep not used
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void clip(
            MemorySegment x,
            long xAt,
            int xStep,
            MemorySegment lo,
            long loAt,
            int loStep,
            MemorySegment hi,
            long hiAt,
            int hiStep,
            MemorySegment y,
            long yAt,
            int n) {
        x = NATIVE.cast(x);
        lo = NATIVE.cast(lo);
        hi = NATIVE.cast(hi);
        y = NATIVE.cast(y);
        float least = lo.get(ValueLayout.JAVA_FLOAT, loAt);
        float greatest = hi.get(ValueLayout.JAVA_FLOAT, hiAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = clipped(FloatVector.fromMemorySegment(F32, x, xAt + at, LE), least, greatest);
            FloatVector r1 = clipped(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE), least, greatest);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector clipped(FloatVector v, float least, float greatest) {
        FloatVector w = v.blend(least, v.compare(VectorOperators.LT, least));
        return w.blend(greatest, w.compare(VectorOperators.GT, greatest));
    }
}
