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
 * Vector loops of Where, for elements of 32 bits, and of Clip, for float32. {@link TernaryLoop} describes their arguments. The
 * granule is four vectors. The booleans for a vector of elements are loaded as a vector of bytes, or, if they are only four,
 * as an int.
 */
public final class VectorSelect {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) LANES * Float.BYTES;
    /** Loops load two vectors before they store one: a store delays later loads at the same offset in a page (4K aliasing). */
    private static final long BLOCK = 2 * WIDTH;

    /** Selects a byte of an int in each lane. */
    private static final int[] LANE_BYTES = {0xff, 0xff00, 0xff0000, 0xff000000};

    private static final ValueLayout.OfInt FOUR_BYTES = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    private VectorSelect() {}

    private static FloatVector splat(MemorySegment x, long at) {
        return FloatVector.broadcast(F32, x.get(ValueLayout.JAVA_FLOAT, at));
    }

    private static VectorMask<Float> mask(MemorySegment c, long at) {
        c = NATIVE.cast(c);
        if (LANES == LANE_BYTES.length) {
            return IntVector.fromArray(I32, LANE_BYTES, 0)
                    .and(c.get(FOUR_BYTES, at))
                    .compare(VectorOperators.NE, 0)
                    .cast(F32);
        }
        return ByteVector.fromMemorySegment(I8, c, at, LE)
                .compare(VectorOperators.NE, (byte) 0)
                .cast(F32);
    }

    /**
     * Where: the second operand where the first, a boolean, is true, else the third.
     *
     * @param c the condition
     * @param cAt the offset of its first element, bytes
     * @param a the elements that are taken where the condition is true
     * @param aAt the offset of the first of them, bytes
     * @param b the elements that are taken where the condition is false
     * @param bAt the offset of the first of them, bytes
     * @param steps the steps of the three operands, see {@link TernaryLoop#steps}
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void where(
            MemorySegment c,
            long cAt,
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n) {
        boolean denseThen = TernaryLoop.step(steps, 1) == 1;
        boolean denseElse = TernaryLoop.step(steps, 2) == 1;
        if (TernaryLoop.step(steps, 0) == 0) {
            boolean first = c.get(ValueLayout.JAVA_BYTE, cAt) != 0;
            MemorySegment x = first ? a : b;
            long xAt = first ? aAt : bAt;
            if (first ? denseThen : denseElse) {
                MemoryMoves.copy(x, xAt, y, yAt, (long) n * Float.BYTES);
            } else {
                MemoryMoves.fill(x, xAt, y, yAt, n, Float.BYTES);
            }
        } else if (denseThen && denseElse) {
            whereDense(c, cAt, a, aAt, b, bAt, y, yAt, n);
        } else if (denseThen) {
            whereScalarElse(c, cAt, a, aAt, b, bAt, y, yAt, n);
        } else if (denseElse) {
            whereScalarThen(c, cAt, a, aAt, b, bAt, y, yAt, n);
        } else {
            whereScalars(c, cAt, a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void whereDense(
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
                    .blend(FloatVector.fromMemorySegment(F32, a, aAt + at, LE), mask(c, cAt + at / Float.BYTES));
            FloatVector r1 = FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE)
                    .blend(
                            FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE),
                            mask(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void whereScalarElse(
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
                    v.blend(FloatVector.fromMemorySegment(F32, a, aAt + at, LE), mask(c, cAt + at / Float.BYTES));
            FloatVector r1 = v.blend(
                    FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE),
                    mask(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void whereScalarThen(
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
                    FloatVector.fromMemorySegment(F32, b, bAt + at, LE).blend(u, mask(c, cAt + at / Float.BYTES));
            FloatVector r1 = FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE)
                    .blend(u, mask(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void whereScalars(
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
            FloatVector r0 = v.blend(u, mask(c, cAt + at / Float.BYTES));
            FloatVector r1 = v.blend(u, mask(c, cAt + (at + WIDTH) / Float.BYTES));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    /**
     * Clip: the first operand, limited to the range from the second to the third.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param lo the memory of the lower bound
     * @param loAt the offset of the lower bound, bytes
     * @param hi the memory of the upper bound
     * @param hiAt the offset of the upper bound, bytes
     * @param steps not used: the operand is contiguous, the bounds are scalars
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void clip(
            MemorySegment x,
            long xAt,
            MemorySegment lo,
            long loAt,
            MemorySegment hi,
            long hiAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n) {
        x = NATIVE.cast(x);
        lo = NATIVE.cast(lo);
        hi = NATIVE.cast(hi);
        y = NATIVE.cast(y);
        float min = lo.get(ValueLayout.JAVA_FLOAT, loAt);
        float max = hi.get(ValueLayout.JAVA_FLOAT, hiAt);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = clamp(FloatVector.fromMemorySegment(F32, x, xAt + at, LE), min, max);
            FloatVector r1 = clamp(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE), min, max);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector clamp(FloatVector v, float min, float max) {
        FloatVector w = v.blend(min, v.compare(VectorOperators.LT, min));
        return w.blend(max, w.compare(VectorOperators.GT, max));
    }
}
