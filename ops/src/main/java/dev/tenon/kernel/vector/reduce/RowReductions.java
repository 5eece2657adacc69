package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.FloatOrder.NEGATIVE_INFINITY;
import static dev.tenon.kernel.vector.FloatOrder.OFFSET;
import static dev.tenon.kernel.vector.FloatOrder.SIGN_SHIFT;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Doubles.DOUBLES;
import static dev.tenon.kernel.vector.SimdSpecies.Doubles.F64;
import static dev.tenon.kernel.vector.SimdSpecies.Doubles.HALF;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.vector.FloatOrder;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Reductions of contiguous rows of float32. Lengths are counts of elements, offsets are in bytes. Sums are computed in
 * float32 within a block of fixed length and in double across blocks, so that rounding errors stay small.
 *
 * <p>Loops are called from an array, by index, because C2 must not inline several of them into one method: it would
 * exceed its limit for inlining, and vectors would become objects.
 */
public final class RowReductions {
    /** A loop over whole vectors. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param x the memory of the row
         * @param from the offset of the first element
         * @param end the offset of the end
         * @param origin the number that is subtracted from each element, if the loop subtracts one
         * @param scratch memory of two vectors, which receives a result that is one or two vectors; null for ranks
         * @return a result that is a number
         */
        double run(MemorySegment x, long from, long end, float origin, MemorySegment scratch);
    }

    private static final int SUM = 0;
    private static final int DEVIATIONS = 1;
    private static final int ABSOLUTES = 2;
    private static final int SQUARES = 3;
    private static final int EXPONENTIALS = 4;
    private static final int MAGNITUDES = 5;
    private static final int PRODUCTS = 6;
    private static final int RANKS = 7;
    private static final int FLIPPED_RANKS = 8;

    private static final Loop[] LOOPS = {
        (x, from, end, _, scratch) -> sumVectors(x, from, end, scratch),
        RowReductions::deviationVectors,
        (x, from, end, _, scratch) -> absolutes(x, from, end, scratch),
        (x, from, end, _, scratch) -> squares(x, from, end, scratch),
        RowReductions::exponentials,
        (x, from, end, _, scratch) -> magnitudes(x, from, end, scratch),
        (x, from, end, _, scratch) -> products(x, from, end, scratch),
        (x, from, end, _, _) -> rankOfVectors(x, from, end, 0),
        (x, from, end, _, _) -> rankOfVectors(x, from, end, Integer.MIN_VALUE)
    };

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long UNROLLED = 4 * STEP;
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;

    // Each accumulator starts from a load of its own element. C2 would keep one shared vector as an object.
    private static final double[] ONES = ones();
    private static final int[] LEAST_RANKS = {NEGATIVE_INFINITY, NEGATIVE_INFINITY};

    /** Bytes of a block. */
    private static final long BLOCK = 64 * UNROLLED;

    private RowReductions() {}

    /**
     * Runs a loop. All loops are called from here, so that C2 sees a call with many targets and does not inline any.
     */
    private static double run(int loop, MemorySegment x, long from, long end, float origin, MemorySegment scratch) {
        return LOOPS[loop].run(x, from, end, origin, scratch);
    }

    private static double[] ones() {
        double[] ones = new double[LANES];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** The offset of the end of the whole vectors of a row. */
    private static long vectorEnd(long at, long length) {
        return at + (length - length % LANES) * Float.BYTES;
    }

    /**
     * The sum of a row.
     *
     * @param x the memory of the row
     * @param at the offset of the first element
     * @param length the elements of the row
     * @param scratch memory of one vector
     * @return the sum
     */
    public static double sum(MemorySegment x, long at, long length, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += sumBlock(x, from, Math.min(end, from + BLOCK), scratch);
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            total += x.get(SCALAR, i);
        }
        return total;
    }

    private static double sumBlock(MemorySegment x, long from, long end, MemorySegment scratch) {
        return ReduceWarmUps.SUMS.over() ? run(SUM, x, from, end, 0, scratch) : PlainRows.sum(x, from, end);
    }

    static double sumVectors(MemorySegment x, long from, long end, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).add(a);
            b = FloatVector.fromMemorySegment(F32, x, at + STEP, LE).add(b);
            c = FloatVector.fromMemorySegment(F32, x, at + 2 * STEP, LE).add(c);
            d = FloatVector.fromMemorySegment(F32, x, at + 3 * STEP, LE).add(d);
        }
        for (; at < end; at += STEP) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).add(a);
        }
        FLOATS.cast(a).add(b).add(FLOATS.cast(c).add(d)).intoMemorySegment(scratch, 0, LE);
        return LaneSums.sum(scratch, 0);
    }

    /** The sum of absolute values, with the parameters of {@link #sum}. */
    static double sumOfAbsolutes(MemorySegment x, long at, long length, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += run(ABSOLUTES, x, from, Math.min(end, from + BLOCK), 0, scratch);
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            total += Math.abs(x.get(SCALAR, i));
        }
        return total;
    }

    private static double absolutes(MemorySegment x, long from, long end, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).abs().add(a);
            b = FloatVector.fromMemorySegment(F32, x, at + STEP, LE).abs().add(b);
            c = FloatVector.fromMemorySegment(F32, x, at + 2 * STEP, LE).abs().add(c);
            d = FloatVector.fromMemorySegment(F32, x, at + 3 * STEP, LE).abs().add(d);
        }
        for (; at < end; at += STEP) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).abs().add(a);
        }
        FLOATS.cast(a).add(b).add(FLOATS.cast(c).add(d)).intoMemorySegment(scratch, 0, LE);
        return LaneSums.sum(scratch, 0);
    }

    /**
     * The sum of squares of a row.
     *
     * @param x the memory of the row
     * @param at the offset of the first element
     * @param length the elements of the row
     * @param scratch memory of one vector
     * @return the sum
     */
    public static double sumOfSquares(MemorySegment x, long at, long length, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += run(SQUARES, x, from, Math.min(end, from + BLOCK), 0, scratch);
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            double v = x.get(SCALAR, i);
            total += v * v;
        }
        return total;
    }

    private static double squares(MemorySegment x, long from, long end, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            FloatVector av = FloatVector.fromMemorySegment(F32, x, at, LE);
            a = av.fma(av, a);
            FloatVector bv = FloatVector.fromMemorySegment(F32, x, at + STEP, LE);
            b = bv.fma(bv, b);
            FloatVector cv = FloatVector.fromMemorySegment(F32, x, at + 2 * STEP, LE);
            c = cv.fma(cv, c);
            FloatVector dv = FloatVector.fromMemorySegment(F32, x, at + 3 * STEP, LE);
            d = dv.fma(dv, d);
        }
        for (; at < end; at += STEP) {
            FloatVector av = FloatVector.fromMemorySegment(F32, x, at, LE);
            a = av.fma(av, a);
        }
        FLOATS.cast(a).add(b).add(FLOATS.cast(c).add(d)).intoMemorySegment(scratch, 0, LE);
        return LaneSums.sum(scratch, 0);
    }

    /**
     * The sum of squared deviations from a number.
     *
     * @param x the memory of the row
     * @param at the offset of the first element
     * @param length the elements of the row
     * @param mean the number
     * @param scratch memory of one vector
     * @return the sum
     */
    public static double sumOfSquaredDeviations(
            MemorySegment x, long at, long length, float mean, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long block = at; block < end; block += BLOCK) {
            total += deviationBlock(x, block, Math.min(end, block + BLOCK), mean, scratch);
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            double v = x.get(SCALAR, i) - mean;
            total += v * v;
        }
        return total;
    }

    private static double deviationBlock(MemorySegment x, long from, long end, float mean, MemorySegment scratch) {
        return ReduceWarmUps.SUMS.over()
                ? run(DEVIATIONS, x, from, end, mean, scratch)
                : PlainRows.sumOfDeviations(x, from, end, mean);
    }

    static double deviationVectors(MemorySegment x, long from, long end, float mean, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector m = FloatVector.broadcast(F32, mean);
        FloatVector a = FloatVector.zero(F32);
        FloatVector b = FloatVector.zero(F32);
        FloatVector c = FloatVector.zero(F32);
        FloatVector d = FloatVector.zero(F32);
        long at = from;
        for (; at + UNROLLED <= end; at += UNROLLED) {
            FloatVector av = FloatVector.fromMemorySegment(F32, x, at, LE).sub(m);
            a = av.fma(av, a);
            FloatVector bv =
                    FloatVector.fromMemorySegment(F32, x, at + STEP, LE).sub(m);
            b = bv.fma(bv, b);
            FloatVector cv =
                    FloatVector.fromMemorySegment(F32, x, at + 2 * STEP, LE).sub(m);
            c = cv.fma(cv, c);
            FloatVector dv =
                    FloatVector.fromMemorySegment(F32, x, at + 3 * STEP, LE).sub(m);
            d = dv.fma(dv, d);
        }
        for (; at < end; at += STEP) {
            FloatVector av = FloatVector.fromMemorySegment(F32, x, at, LE).sub(m);
            a = av.fma(av, a);
        }
        FLOATS.cast(a).add(b).add(FLOATS.cast(c).add(d)).intoMemorySegment(scratch, 0, LE);
        return LaneSums.sum(scratch, 0);
    }

    /** The sum of {@code exp(x - max)} over all elements x, where max is the greatest of them and finite. */
    static double sumOfExponentials(MemorySegment x, long at, long length, float max, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            total += run(EXPONENTIALS, x, from, Math.min(end, from + BLOCK), max, scratch);
        }
        total *= VectorMath.UNSCALE;
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            total += Math.exp((double) x.get(SCALAR, i) - max);
        }
        return total;
    }

    private static double exponentials(MemorySegment x, long from, long end, float max, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.zero(F32);
        for (long at = from; at < end; at += STEP) {
            a = VectorMath.scaledExp(
                            FloatVector.fromMemorySegment(F32, x, at, LE).sub(max))
                    .add(a);
        }
        FLOATS.cast(a).intoMemorySegment(scratch, 0, LE);
        return LaneSums.sum(scratch, 0);
    }

    /**
     * A small number n such that the magnitudes of all elements are between 2<sup>-n</sup> and 2<sup>n</sup>.
     *
     * @param x the memory of the row
     * @param at the offset of the first element
     * @param length the elements of the row
     * @param scratch memory of two vectors
     * @return 1 to 128, or {@link Integer#MAX_VALUE} if an element is zero, subnormal, infinite or NaN
     */
    static int maxExponent(MemorySegment x, long at, long length, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        float least = 1;
        float greatest = 1;
        if (end > at) {
            run(MAGNITUDES, x, at, end, 0, scratch);
            for (long i = 0; i < STEP; i += Float.BYTES) {
                least = Math.min(least, scratch.get(SCALAR, i));
                greatest = Math.max(greatest, scratch.get(SCALAR, STEP + i));
            }
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            least = Math.min(least, Math.abs(x.get(SCALAR, i)));
            greatest = Math.max(greatest, Math.abs(x.get(SCALAR, i)));
        }
        return least >= Float.MIN_NORMAL && greatest <= Float.MAX_VALUE
                ? Math.max(-Math.getExponent(least), Math.getExponent(greatest) + 1)
                : Integer.MAX_VALUE;
    }

    /** Stores a vector of the least magnitudes and a vector of the greatest magnitudes in the scratch memory. */
    private static double magnitudes(MemorySegment x, long from, long end, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector least = FloatVector.fromMemorySegment(F32, x, from, LE).abs();
        FloatVector greatest = FloatVector.fromMemorySegment(F32, x, from, LE).abs();
        for (long at = from; at < end; at += STEP) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, at, LE).abs();
            least = v.min(least);
            greatest = v.max(greatest);
        }
        FLOATS.cast(least).intoMemorySegment(scratch, 0, LE);
        FLOATS.cast(greatest).intoMemorySegment(scratch, STEP, LE);
        return 0;
    }

    /**
     * The product of a row in double. Each lane multiplies elements of its own, so the order differs from that of the
     * row.
     */
    static double product(MemorySegment x, long at, long length, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        if (end > at) {
            run(PRODUCTS, x, at, end, 0, scratch);
        }
        double product = 1;
        for (long i = 0; i < STEP && end > at; i += Double.BYTES) {
            product *= scratch.get(ValueLayout.JAVA_DOUBLE, i);
        }
        return productInOrder(x, end, length % LANES, product);
    }

    /** Stores a vector of products in the scratch memory. */
    private static double products(MemorySegment x, long from, long end, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        DoubleVector a = DoubleVector.fromArray(F64, ONES, 0);
        DoubleVector b = DoubleVector.fromArray(F64, ONES, LANES / 2);
        for (long at = from; at < end; at += STEP) {
            a = ((DoubleVector)
                            FloatVector.fromMemorySegment(HALF, x, at, LE).convertShape(VectorOperators.F2D, F64, 0))
                    .mul(a);
            b = ((DoubleVector) FloatVector.fromMemorySegment(HALF, x, at + STEP / 2, LE)
                            .convertShape(VectorOperators.F2D, F64, 0))
                    .mul(b);
        }
        DOUBLES.cast(a).mul(b).intoMemorySegment(scratch, 0, LE);
        return 0;
    }

    /** Multiplies a product by the elements of a row in their order. */
    static double productInOrder(MemorySegment x, long at, long length, double product) {
        double result = product;
        for (long i = at; i < at + length * Float.BYTES; i += Float.BYTES) {
            result *= x.get(SCALAR, i);
        }
        return result;
    }

    /**
     * The greatest element of a row; NaN if an element is NaN.
     *
     * @param x the memory of the row
     * @param at the offset of the first element
     * @param length the elements of the row
     * @return the element; negative infinity for an empty row
     */
    public static float max(MemorySegment x, long at, long length) {
        return extreme(x, at, length, RANKS, 0);
    }

    /** The least element of a row; NaN if an element is NaN. */
    static float min(MemorySegment x, long at, long length) {
        return extreme(x, at, length, FLIPPED_RANKS, Integer.MIN_VALUE);
    }

    /** The element of the greatest rank, after the bits of {@code flip} are inverted in each element. */
    private static float extreme(MemorySegment x, long at, long length, int loop, int flip) {
        long end = vectorEnd(at, length);
        int rank = end == at ? NEGATIVE_INFINITY : (int) run(loop, x, at, end, 0, null);
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            int bits = x.get(BITS, i) ^ flip;
            rank = Math.max(rank, (bits ^ (bits >> SIGN_SHIFT & Integer.MAX_VALUE)) - OFFSET);
        }
        int ordered = rank + OFFSET;
        return Float.intBitsToFloat(ordered ^ (ordered >> SIGN_SHIFT & Integer.MAX_VALUE) ^ flip);
    }

    /** The greatest rank of the elements as {@link FloatOrder} defines it. */
    private static int rankOfVectors(MemorySegment x, long from, long end, int flip) {
        x = NATIVE.cast(x);
        IntVector a = IntVector.broadcast(I32, LEAST_RANKS[0]);
        IntVector b = IntVector.broadcast(I32, LEAST_RANKS[1]);
        long at = from;
        for (; at + 2 * STEP <= end; at += 2 * STEP) {
            IntVector v = IntVector.fromMemorySegment(I32, x, at, LE).lanewise(VectorOperators.XOR, flip);
            IntVector w = IntVector.fromMemorySegment(I32, x, at + STEP, LE).lanewise(VectorOperators.XOR, flip);
            a = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET)
                    .max(a);
            b = w.lanewise(
                            VectorOperators.XOR,
                            w.lanewise(VectorOperators.ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET)
                    .max(b);
        }
        if (at < end) {
            IntVector v = IntVector.fromMemorySegment(I32, x, at, LE).lanewise(VectorOperators.XOR, flip);
            a = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET)
                    .max(a);
        }
        return INTS.cast(a).max(b).reduceLanes(VectorOperators.MAX);
    }
}
