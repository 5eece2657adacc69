package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Bytes.I8;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.op.math.Comparison;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that compare float32 numbers. {@link BinaryLoop} and {@link UnaryLoop} describe their arguments. The granule is one
 * vector. The booleans of a vector are stored as a vector of bytes, or, if they are only four, as an int.
 */
public final class VectorCompare {
    private static final int LANES = SimdSpecies.LANES;
    private static final int FOUR = 4;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) LANES * Float.BYTES;
    private static final ValueLayout.OfInt FOUR_BYTES = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    /** The product with four bits has each bit at the start of a byte. */
    private static final int SPREAD = 1 | 1 << 7 | 1 << 14 | 1 << 21;

    private static final int FIRST_BITS = 0x01010101;

    private VectorCompare() {}

    /**
     * A comparison of two operands.
     *
     * @param orders the orders of the operands for which the result is true, as in {@link Comparison#orders}
     * @return the loop
     */
    public static BinaryLoop of(int orders) {
        return switch (orders) {
            case Comparison.EQUAL -> VectorCompare::equal;
            case Comparison.GREATER -> VectorCompare::greater;
            case Comparison.GREATER | Comparison.EQUAL -> VectorCompare::greaterOrEqual;
            case Comparison.LESS ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> greater(b, bAt, bStep, a, aAt, aStep, y, yAt, n);
            case Comparison.LESS | Comparison.EQUAL ->
                (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> greaterOrEqual(b, bAt, bStep, a, aAt, aStep, y, yAt, n);
            default -> throw new IllegalArgumentException("a comparison of orders " + orders);
        };
    }

    private static void store(VectorMask<Float> mask, MemorySegment y, long at) {
        if (LANES == FOUR) {
            y.set(FOUR_BYTES, at, (int) mask.toLong() * SPREAD & FIRST_BITS);
        } else {
            ByteVector.zero(I8).blend((byte) 1, mask.cast(I8)).intoMemorySegment(y, at, LE);
        }
    }

    private static void equal(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = VectorBinary.splat(a, aAt, aStep);
        FloatVector v = VectorBinary.splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            store(FLOATS.cast(l).compare(VectorOperators.EQ, r), y, yAt + at / Float.BYTES);
        }
    }

    private static void greater(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = VectorBinary.splat(a, aAt, aStep);
        FloatVector v = VectorBinary.splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            store(FLOATS.cast(l).compare(VectorOperators.GT, r), y, yAt + at / Float.BYTES);
        }
    }

    private static void greaterOrEqual(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = VectorBinary.splat(a, aAt, aStep);
        FloatVector v = VectorBinary.splat(b, bAt, bStep);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector l = aStep == 0 ? u : FloatVector.fromMemorySegment(F32, a, aAt + at, LE);
            FloatVector r = bStep == 0 ? v : FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
            store(FLOATS.cast(l).compare(VectorOperators.GE, r), y, yAt + at / Float.BYTES);
        }
    }

    /** Whether elements are NaN. See {@link UnaryLoop#run}. */
    public static void isNaN(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            store(v.compare(VectorOperators.NE, v), y, yAt + at / Float.BYTES);
        }
    }
}
