package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that scale float32 numbers, round them to integers and limit these, as quantising does. {@link BinaryLoop}
 * describes the arguments. The granule is two vectors.
 */
public final class VectorRounding {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;
    private static final long BLOCK = 2 * WIDTH;

    /** A number whose neighbours are 1 apart. A sum with it is rounded to an integer, half to even. */
    private static final float INTEGERS = 3 << 22;

    private VectorRounding() {}

    /**
     * {@code round(a b)}, limited, less a number. NaN becomes the lower limit. The first operand is contiguous.
     *
     * @param low the lower limit, an integer of at most 21 bits
     * @param high the upper limit, an integer of at most 21 bits
     * @param off the number that is taken off, an integer of at most 21 bits
     * @return the loop
     */
    public static BinaryLoop ofProducts(float low, float high, float off) {
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            y = NATIVE.cast(y);
            if (bStep == 0) {
                float factor = b.get(ValueLayout.JAVA_FLOAT, bAt);
                for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                    FloatVector q0 = FloatVector.fromMemorySegment(F32, a, aAt + at, LE).mul(factor);
                    FloatVector q1 =
                            FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE).mul(factor);
                    rounded(q0, low, high, off).intoMemorySegment(y, yAt + at, LE);
                    rounded(q1, low, high, off).intoMemorySegment(y, yAt + at + WIDTH, LE);
                }
                return;
            }
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector q0 = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .mul(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
                FloatVector q1 = FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE)
                        .mul(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
                rounded(q0, low, high, off).intoMemorySegment(y, yAt + at, LE);
                rounded(q1, low, high, off).intoMemorySegment(y, yAt + at + WIDTH, LE);
            }
        };
    }

    /**
     * {@code round(a / b)}, limited, less a number. NaN becomes the lower limit. The first operand is contiguous.
     *
     * @param low the lower limit, an integer of at most 21 bits
     * @param high the upper limit, an integer of at most 21 bits
     * @param off the number that is taken off, an integer of at most 21 bits
     * @return the loop
     */
    public static BinaryLoop ofQuotients(float low, float high, float off) {
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            y = NATIVE.cast(y);
            if (bStep == 0) {
                float divisor = b.get(ValueLayout.JAVA_FLOAT, bAt);
                for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                    FloatVector q0 = FloatVector.fromMemorySegment(F32, a, aAt + at, LE).div(divisor);
                    FloatVector q1 =
                            FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE).div(divisor);
                    rounded(q0, low, high, off).intoMemorySegment(y, yAt + at, LE);
                    rounded(q1, low, high, off).intoMemorySegment(y, yAt + at + WIDTH, LE);
                }
                return;
            }
            for (long at = 0; at < (long) n * Float.BYTES; at += BLOCK) {
                FloatVector q0 = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .div(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
                FloatVector q1 = FloatVector.fromMemorySegment(F32, a, aAt + at + WIDTH, LE)
                        .div(FloatVector.fromMemorySegment(F32, b, bAt + at + WIDTH, LE));
                rounded(q0, low, high, off).intoMemorySegment(y, yAt + at, LE);
                rounded(q1, low, high, off).intoMemorySegment(y, yAt + at + WIDTH, LE);
            }
        };
    }

    private static FloatVector rounded(FloatVector q, float low, float high, float off) {
        // NaN fails the comparison.
        FloatVector limited = FloatVector.broadcast(F32, low).blend(q, q.compare(VectorOperators.GE, low));
        return limited.blend(high, limited.compare(VectorOperators.GT, high))
                .add(INTEGERS)
                .sub(INTEGERS)
                .sub(off);
    }
}
