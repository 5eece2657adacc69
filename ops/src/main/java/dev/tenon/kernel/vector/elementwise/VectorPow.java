package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarPow;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Vector loops of float32 powers. {@link BinaryLoop} describes their arguments. The granule is four vectors. */
public final class VectorPow {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    /** Loops load two vectors before they store one: a store delays later loads at the same offset in a page (4K aliasing). */
    private static final long BLOCK = 2 * WIDTH;

    private VectorPow() {}

    /**
     * Powers. If all elements have the same exponent, and it is 2, 3, 1/2, -1/2 or -1, a vector loop computes them; otherwise
     * a scalar loop does.
     *
     * @param a the bases
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the exponents
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void pow(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        float exponent = bStep == 0 && aStep == 1 ? b.get(ValueLayout.JAVA_FLOAT, bAt) : 0;
        if (exponent == 2) {
            square(a, aAt, y, yAt, n);
        } else if (exponent == 3) {
            cube(a, aAt, y, yAt, n);
        } else if (exponent == 0.5f) {
            sqrt(a, aAt, y, yAt, n);
        } else if (exponent == -0.5f) {
            inverseSqrt(a, aAt, y, yAt, n);
        } else if (exponent == -1) {
            VectorUnary.reciprocal(a, aAt, y, yAt, n);
        } else {
            ScalarPow.floats(a, aAt, aStep, b, bAt, bStep, y, yAt, n);
        }
    }

    private static void square(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = squared(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 = squared(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector squared(FloatVector v) {
        return v.mul(v);
    }

    private static void cube(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = cubed(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 = cubed(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void sqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = sqrt(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 = sqrt(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void inverseSqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.broadcast(F32, 1f))
                    .div(sqrt(FloatVector.fromMemorySegment(F32, x, xAt + at, LE)));
            FloatVector r1 = FLOATS.cast(FloatVector.broadcast(F32, 1f))
                    .div(sqrt(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE)));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector cubed(FloatVector v) {
        return v.mul(v).mul(v);
    }

    /** The power 1/2: unlike the square root, it is 0 for -0, and positive infinity for negative infinity. */
    private static FloatVector sqrt(FloatVector v) {
        return v.add(0f).sqrt().blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }
}
