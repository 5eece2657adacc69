package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums across the lanes of a vector in one order: that of {@code reduceLanes(ADD)} is left open, and differs between
 * interpreted and compiled code.
 */
final class Lanes {
    /** Bytes of a vector. */
    static final long BYTES = (long) F32.length() * Float.BYTES;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long STEP = 4L * Float.BYTES;

    private Lanes() {}

    /**
     * The largest element of a vector without NaN. As integers in the order of the numbers, which one instruction
     * compares, where floating-point maxima take several to get NaN and signed zeros right.
     */
    static float max(FloatVector v) {
        IntVector bits = v.reinterpretAsInts();
        IntVector ordered = bits.lanewise(
                VectorOperators.XOR, bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE));
        int max = ordered.reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(max ^ (max >> 31 & Integer.MAX_VALUE));
    }

    /**
     * The sum of a vector in memory, in four chains of additions. In memory and not as an argument, since a vector that
     * is handed over to a method may be boxed, and by scalars, since a second species would make the call sites of vector
     * operations polymorphic.
     */
    static double sum(MemorySegment memory, long offset) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (long at = offset; at < offset + BYTES; at += STEP) {
            a += memory.get(SCALAR, at);
            b += memory.get(SCALAR, at + Float.BYTES);
            c += memory.get(SCALAR, at + 2 * Float.BYTES);
            d += memory.get(SCALAR, at + 3 * Float.BYTES);
        }
        return (a + b) + (c + d);
    }

    /** The sum of a vector in an array, in four chains of additions of float32, half the work of {@link #sum}. */
    static float shortSum(float[] array, int offset) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = offset; i < offset + F32.length(); i += 4) {
            a += array[i];
            b += array[i + 1];
            c += array[i + 2];
            d += array[i + 3];
        }
        return (a + b) + (c + d);
    }
}
