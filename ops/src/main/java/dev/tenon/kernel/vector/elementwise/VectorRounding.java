package dev.tenon.kernel.vector.elementwise;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;

import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.RoundedRange;
import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.scalar.elementwise.ScalarRounding;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Vector loops that scale float32 numbers, round them to integers and limit these, as quantising does. {@link BinaryLoop}
 * describes the arguments. The granule is one vector: a row of channels is often an odd number of them. Loops over rows take one
 * vector of columns of all rows after the other: rows may be short, and a vector is a cache line or half of one.
 */
public final class VectorRounding {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int WIDTH = SimdSpecies.LANES * Float.BYTES;

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
        return new Products(range.low(), range.high(), range.off(), range.factor());
    }

    /**
     * {@code round(a / b)}, limited. The first operand is contiguous.
     *
     * @param range what becomes of the scaled numbers
     * @return the loop
     */
    public static BinaryLoop ofQuotients(RoundedRange range) {
        return new Quotients(range.low(), range.high(), range.off(), range.factor());
    }

    /**
     * {@code round(min(a b, c))}, limited. The first operand is contiguous.
     *
     * @param range what becomes of the lesser numbers
     * @return the loop
     */
    public static TernaryLoop ofBoundedProducts(RoundedRange range) {
        TernaryLoop other = ScalarRounding.ofBoundedProducts(range);
        return new BoundedProducts(range.low(), range.high(), range.off(), range.factor(), other);
    }

    private record Products(float low, float high, float off, float factor) implements BinaryLoop {
        @Override
        public void run(
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
            if (bStep == 0) {
                float scale = b.get(ValueLayout.JAVA_FLOAT, bAt);
                for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                    FloatVector q =
                            FloatVector.fromMemorySegment(F32, a, aAt + at, LE).mul(scale);
                    rounded(q, low, high, off, factor).intoMemorySegment(y, yAt + at, LE);
                }
                return;
            }
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector q = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .mul(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
                rounded(q, low, high, off, factor).intoMemorySegment(y, yAt + at, LE);
            }
        }

        @Override
        public void runRows(MemorySegment a, long aAt, MemorySegment b, long bAt, long rowBytes, int rows, int n) {
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            for (int at = 0; at < n * Float.BYTES; at += WIDTH) {
                FloatVector scale = FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
                for (int row = 0; row < rows; row++) {
                    long from = aAt + at + row * rowBytes;
                    FloatVector q =
                            FloatVector.fromMemorySegment(F32, a, from, LE).mul(scale);
                    rounded(q, low, high, off, factor).intoMemorySegment(a, from, LE);
                }
            }
        }
    }

    private record Quotients(float low, float high, float off, float factor) implements BinaryLoop {
        @Override
        public void run(
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
            if (bStep == 0) {
                float divisor = b.get(ValueLayout.JAVA_FLOAT, bAt);
                for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                    FloatVector q =
                            FloatVector.fromMemorySegment(F32, a, aAt + at, LE).div(divisor);
                    rounded(q, low, high, off, factor).intoMemorySegment(y, yAt + at, LE);
                }
                return;
            }
            for (long at = 0; at < (long) n * Float.BYTES; at += WIDTH) {
                FloatVector q = FloatVector.fromMemorySegment(F32, a, aAt + at, LE)
                        .div(FloatVector.fromMemorySegment(F32, b, bAt + at, LE));
                rounded(q, low, high, off, factor).intoMemorySegment(y, yAt + at, LE);
            }
        }
    }

    private record BoundedProducts(float low, float high, float off, float factor, TernaryLoop other)
            implements TernaryLoop {
        @Override
        public void run(
                MemorySegment a,
                long aAt,
                MemorySegment b,
                long bAt,
                MemorySegment c,
                long cAt,
                int steps,
                MemorySegment y,
                long yAt,
                int n) {
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
                rounded(q, low, high, off, factor).intoMemorySegment(y, yAt + at, LE);
            }
        }

        @Override
        public void runRows(
                MemorySegment a,
                long aAt,
                MemorySegment b,
                long bAt,
                MemorySegment c,
                long cAt,
                long rowBytes,
                int rows,
                int n) {
            a = NATIVE.cast(a);
            b = NATIVE.cast(b);
            c = NATIVE.cast(c);
            for (int at = 0; at < n * Float.BYTES; at += WIDTH) {
                FloatVector scale = FloatVector.fromMemorySegment(F32, b, bAt + at, LE);
                FloatVector bound = FloatVector.fromMemorySegment(F32, c, cAt + at, LE);
                for (int row = 0; row < rows; row++) {
                    long from = aAt + at + row * rowBytes;
                    FloatVector q = FloatVector.fromMemorySegment(F32, a, from, LE)
                            .mul(scale)
                            .min(bound);
                    rounded(q, low, high, off, factor).intoMemorySegment(a, from, LE);
                }
            }
        }
    }

    private static FloatVector rounded(FloatVector q, float low, float high, float off, float factor) {
        // NaN fails the comparison.
        FloatVector limited = FloatVector.broadcast(F32, low).blend(q, q.compare(VectorOperators.GE, low));
        FloatVector whole = limited.blend(high, limited.compare(VectorOperators.GT, high))
                .add(INTEGERS)
                .sub(INTEGERS);
        return off == 0 && factor == 1 ? whole : whole.sub(off).mul(factor);
    }
}
