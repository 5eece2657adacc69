package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.RoundedRange;
import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarRounding;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that scale float32 numbers, round them to integers and limit these, as quantising does. {@link BinaryLoop}
 * describes the arguments. The granule is one vector: a row of channels is often an odd number of them.
 */
public final class VectorRounding {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WIDTH = (long) SimdSpecies.LANES * Float.BYTES;

    /** A number whose neighbours are 1 apart. A sum with it is rounded to an integer, half to even. */
    private static final float INTEGERS = 3 << 22;

    private VectorRounding() {}

    /**
     * {@code round(a b)}, limited. The first operand is contiguous.
     *
     * @param range what becomes of the scaled numbers
     * @return the loop
     */
    public static BinaryLoop ofProducts(RoundedRange range) {
        float low = range.low();
        float high = range.high();
        float off = range.off();
        float last = range.factor();
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            y = NATIVE.cast(y);
            if (bStep == 0) {
                float factor = b.get(ValueLayout.JAVA_FLOAT, bAt);
                for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                    FloatVector q =
                            FloatVector.fromMemorySegment(F32, a, aAt + at, LE).mul(factor);
                    rounded(q, low, high, off, last).intoMemorySegment(y, yAt + at, LE);
                }
                return;
            }
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector q = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .mul(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
                rounded(q, low, high, off, last).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /**
     * {@code round(a / b)}, limited. The first operand is contiguous.
     *
     * @param range what becomes of the scaled numbers
     * @return the loop
     */
    public static BinaryLoop ofQuotients(RoundedRange range) {
        float low = range.low();
        float high = range.high();
        float off = range.off();
        float last = range.factor();
        return (a, aAt, aStep, b, bAt, bStep, y, yAt, n) -> {
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            y = NATIVE.cast(y);
            if (bStep == 0) {
                float divisor = b.get(ValueLayout.JAVA_FLOAT, bAt);
                for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                    FloatVector q =
                            FloatVector.fromMemorySegment(F32, a, aAt + at, LE).div(divisor);
                    rounded(q, low, high, off, last).intoMemorySegment(y, yAt + at, LE);
                }
                return;
            }
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector q = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .div(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
                rounded(q, low, high, off, last).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    /**
     * {@code round(min(a b, c))}, limited. The first operand is contiguous.
     *
     * @param range what becomes of the lesser numbers
     * @return the loop
     */
    public static TernaryLoop ofBoundedProducts(RoundedRange range) {
        float low = range.low();
        float high = range.high();
        float off = range.off();
        float last = range.factor();
        TernaryLoop other = ScalarRounding.ofBoundedProducts(range);
        return (a, aAt, b, bAt, c, cAt, steps, y, yAt, n) -> {
            if (steps != TernaryLoop.steps(1, 1, 1)) {
                other.run(a, aAt, b, bAt, c, cAt, steps, y, yAt, n);
                return;
            }
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            c = NATIVE.cast(c);
            y = NATIVE.cast(y);
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector q = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .mul(FloatVector.fromMemorySegment(F32, b, bAt + at, LE))
                        .min(FloatVector.fromMemorySegment(F32, c, cAt + at, LE));
                rounded(q, low, high, off, last).intoMemorySegment(y, yAt + at, LE);
            }
        };
    }

    private static FloatVector rounded(FloatVector q, float low, float high, float off, float last) {
        // NaN fails the comparison.
        FloatVector limited = FloatVector.broadcast(F32, low).blend(q, q.compare(VectorOperators.GE, low));
        return limited.blend(high, limited.compare(VectorOperators.GT, high))
                .add(INTEGERS)
                .sub(INTEGERS)
                .sub(off)
                .mul(last);
    }
}
