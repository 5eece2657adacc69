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

/** Vector loops of powers and of PRelu, float32: see {@link BinaryLoop} for their arguments. The granule is four vectors. */
public final class VectorPowers {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    /** Two vectors are loaded before one is stored: a store delays later loads at the same place of a page. */
    private static final long BLOCK = 2 * WIDTH;

    private VectorPowers() {}

    /**
     * x from 0 on, a multiple of it below.
     *
     * @param a the first operand
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of four vectors
     */
    public static void prelu(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n) {
        if (aStep == 0) {
            preluOne(a, aAt, b, bAt, y, yAt, n);
        } else if (bStep == 0) {
            preluLine(a, aAt, b, bAt, y, yAt, n);
        } else {
            preluBoth(a, aAt, b, bAt, y, yAt, n);
        }
    }

    private static void preluBoth(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(
                    FloatVector.fromMemorySegment(F32, a, aAt + at, LE),
                    FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = prelu(
                    FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE),
                    FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void preluLine(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector v = FloatVector.broadcast(F32, b.get(ValueLayout.JAVA_FLOAT, bAt));
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(FloatVector.fromMemorySegment(F32, a, aAt + at, LE), v);
            FloatVector r1 = prelu(FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE), v);
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void preluOne(
            MemorySegment a, long aAt, MemorySegment b, long bAt, MemorySegment y, long yAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        y = NATIVE.cast(y);
        FloatVector u = FloatVector.broadcast(F32, a.get(ValueLayout.JAVA_FLOAT, aAt));
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = prelu(u, FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
            FloatVector r1 = prelu(u, FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector prelu(FloatVector x, FloatVector slope) {
        return x.blend(x.mul(slope), x.compare(VectorOperators.LT, 0f));
    }

    /**
     * Powers. One exponent for all, if it is 2, 3, 1/2, -1/2 or -1, costs a few instructions; others are computed one
     * by one.
     *
     * @param a the first operand
     * @param aAt its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt its first element, bytes
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
            root(a, aAt, y, yAt, n);
        } else if (exponent == -0.5f) {
            inverseRoot(a, aAt, y, yAt, n);
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

    private static void root(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = root(FloatVector.fromMemorySegment(F32, x, xAt + at, LE));
            FloatVector r1 = root(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static void inverseRoot(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
            FloatVector r0 = FLOATS.cast(FloatVector.broadcast(F32, 1f))
                    .div(root(FloatVector.fromMemorySegment(F32, x, xAt + at, LE)));
            FloatVector r1 = FLOATS.cast(FloatVector.broadcast(F32, 1f))
                    .div(root(FloatVector.fromMemorySegment(F32, x, xAt + at + WIDTH, LE)));
            r0.intoMemorySegment(y, yAt + at, LE);
            r1.intoMemorySegment(y, yAt + at + WIDTH, LE);
        }
    }

    private static FloatVector cubed(FloatVector v) {
        return v.mul(v).mul(v);
    }

    /** The power 1/2 differs from the square root for minus zero, which becomes zero, and for minus infinity. */
    private static FloatVector root(FloatVector v) {
        return v.add(0f).sqrt().blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }
}
