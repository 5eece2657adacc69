package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarPow;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Vector loops of float32 powers. {@link BinaryLoop} describes their arguments. The granule is one vector. */
public final class VectorPow {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;

    private VectorPow() {}

    /**
     * Powers. If all elements have the same exponent, and it is 2, 3, 1/2, -1/2 or -1, a vector loop computes them; otherwise
     * a scalar loop does.
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
            sqrt(a, aAt, y, yAt, n);
            VectorUnary.reciprocal(y, yAt, y, yAt, n);
        } else if (exponent == -1) {
            VectorUnary.reciprocal(a, aAt, y, yAt, n);
        } else {
            ScalarPow.floats(a, aAt, aStep, b, bAt, bStep, y, yAt, n);
        }
    }

    private static void square(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            v.mul(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    private static void cube(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            v.mul(v).mul(v).intoMemorySegment(y, yAt + at, LE);
        }
    }

    /** The power 1/2: unlike the square root, it is 0 for -0, and positive infinity for negative infinity. */
    private static void sqrt(MemorySegment x, long xAt, MemorySegment y, long yAt, int n) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + at, LE);
            v.add(0f)
                    .sqrt()
                    .blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
                    .intoMemorySegment(y, yAt + at, LE);
        }
    }
}
