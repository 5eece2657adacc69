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
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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
         * @param scratch memory of two vectors, which receives a result that is one or two vectors
         */
        void run(MemorySegment x, long from, long end, float origin, MemorySegment scratch);
    }

    private static final int SUM = 0;
    private static final int DEVIATIONS = 1;
    private static final int ABSOLUTES = 2;
    private static final int EXPONENTIALS = 3;
    private static final int MAGNITUDES = 4;
    private static final int PRODUCTS = 5;
    private static final Loop[] LOOPS = {
        RowReductions::sums,
        RowReductions::deviations,
        RowReductions::absolutes,
        RowReductions::exponentials,
        RowReductions::magnitudes,
        RowReductions::products
    };
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;

    /** Bytes of a block: two chains of additions. */
    private static final long BLOCK = 128 * STEP;

    // Each accumulator starts from a load of its own element. C2 would keep one shared vector as an object.
    private static final float[] ZEROS = new float[2];
    private static final double[] ONES = {1, 1};

    private RowReductions() {}

    /** Runs a loop. All loops are called from here, so that C2 sees a call with many targets and does not inline any. */
    private static void run(int loop, MemorySegment x, long from, long end, float origin, MemorySegment scratch) {
        LOOPS[loop].run(x, from, end, origin, scratch);
    }

    /** The offset of the end of the whole vectors of a row. */
    private static long vectorEnd(long at, long length) {
        return at + (length - length % LANES) * Float.BYTES;
    }

    /** The sum that a loop computes, block by block, and over the elements after the last vector. */
    private static double total(int loop, MemorySegment x, long at, long length, float origin, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double total = 0;
        for (long from = at; from < end; from += BLOCK) {
            run(loop, x, from, Math.min(end, from + BLOCK), origin, scratch);
            total += LaneSums.sum(scratch, 0);
        }
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            double v = loop == EXPONENTIALS ? (double) x.get(SCALAR, i) - origin : x.get(SCALAR, i) - origin;
            total += switch (loop) {
                case DEVIATIONS -> v * v;
                case ABSOLUTES -> Math.abs(v);
                case EXPONENTIALS -> Math.exp(v) / VectorMath.UNSCALE;
                default -> v;
            };
        }
        return total;
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
        return total(SUM, x, at, length, 0, scratch);
    }

    /** The sum of absolute values, with the parameters of {@link #sum}. */
    static double sumOfAbsolutes(MemorySegment x, long at, long length, MemorySegment scratch) {
        return total(ABSOLUTES, x, at, length, 0, scratch);
    }

    /** The sum of squares, with the parameters of {@link #sum}. */
    public static double sumOfSquares(MemorySegment x, long at, long length, MemorySegment scratch) {
        return total(DEVIATIONS, x, at, length, 0, scratch);
    }

    /** The sum of squared deviations from a number, with the parameters of {@link #sum}. */
    public static double sumOfSquaredDeviations(
            MemorySegment x, long at, long length, float mean, MemorySegment scratch) {
        return total(DEVIATIONS, x, at, length, mean, scratch);
    }

    /** The sum of {@code exp(x - max)} over all elements x, where max is the greatest of them and finite. */
    static double sumOfExponentials(MemorySegment x, long at, long length, float max, MemorySegment scratch) {
        return total(EXPONENTIALS, x, at, length, max, scratch) * VectorMath.UNSCALE;
    }

    private static void sums(MemorySegment x, long from, long end, float unused, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        long at = from;
        for (; at + STEP < end; at += 2 * STEP) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).add(a);
            b = FloatVector.fromMemorySegment(F32, x, at + STEP, LE).add(b);
        }
        if (at < end) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).add(a);
        }
        FLOATS.cast(a).add(b).intoMemorySegment(scratch, 0, LE);
    }

    private static void absolutes(MemorySegment x, long from, long end, float unused, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        long at = from;
        for (; at + STEP < end; at += 2 * STEP) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).abs().add(a);
            b = FloatVector.fromMemorySegment(F32, x, at + STEP, LE).abs().add(b);
        }
        if (at < end) {
            a = FloatVector.fromMemorySegment(F32, x, at, LE).abs().add(a);
        }
        FLOATS.cast(a).add(b).intoMemorySegment(scratch, 0, LE);
    }

    private static void deviations(MemorySegment x, long from, long end, float mean, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector m = FloatVector.broadcast(F32, mean);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        long at = from;
        for (; at + STEP < end; at += 2 * STEP) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, at, LE).sub(m);
            a = v.fma(v, a);
            FloatVector w = FloatVector.fromMemorySegment(F32, x, at + STEP, LE).sub(m);
            b = w.fma(w, b);
        }
        if (at < end) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, at, LE).sub(m);
            a = v.fma(v, a);
        }
        FLOATS.cast(a).add(b).intoMemorySegment(scratch, 0, LE);
    }

    /** Adds up exponentials that are scaled as {@link VectorMath#scaledExp} says. */
    private static void exponentials(MemorySegment x, long from, long end, float max, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        for (long at = from; at < end; at += STEP) {
            FloatVector d = FloatVector.fromMemorySegment(F32, x, at, LE).sub(max);
            a = VectorMath.scaledExp(d).add(a);
        }
        FLOATS.cast(a).intoMemorySegment(scratch, 0, LE);
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
    private static void magnitudes(MemorySegment x, long from, long end, float unused, MemorySegment scratch) {
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
    }

    /**
     * The product of a row in double. Each lane multiplies elements of its own, so the order differs from that of the
     * row.
     */
    static double product(MemorySegment x, long at, long length, MemorySegment scratch) {
        long end = vectorEnd(at, length);
        double product = 1;
        if (end > at) {
            run(PRODUCTS, x, at, end, 0, scratch);
            for (long i = 0; i < STEP; i += Double.BYTES) {
                product *= scratch.get(ValueLayout.JAVA_DOUBLE, i);
            }
        }
        return productInOrder(x, end, length % LANES, product);
    }

    /** Stores a vector of products in the scratch memory. */
    private static void products(MemorySegment x, long from, long end, float unused, MemorySegment scratch) {
        x = NATIVE.cast(x);
        scratch = NATIVE.cast(scratch);
        DoubleVector a = DoubleVector.broadcast(F64, ONES[0]);
        DoubleVector b = DoubleVector.broadcast(F64, ONES[1]);
        for (long at = from; at < end; at += STEP) {
            a = ((DoubleVector)
                            FloatVector.fromMemorySegment(HALF, x, at, LE).convertShape(VectorOperators.F2D, F64, 0))
                    .mul(a);
            b = ((DoubleVector) FloatVector.fromMemorySegment(HALF, x, at + STEP / 2, LE)
                            .convertShape(VectorOperators.F2D, F64, 0))
                    .mul(b);
        }
        DOUBLES.cast(a).mul(b).intoMemorySegment(scratch, 0, LE);
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
        return extreme(x, at, length, 0);
    }

    /** The least element of a row; NaN if an element is NaN. */
    static float min(MemorySegment x, long at, long length) {
        return extreme(x, at, length, Integer.MIN_VALUE);
    }

    /** The element of the greatest rank ({@link FloatOrder}), after the bits of {@code flip} are inverted in each element. */
    private static float extreme(MemorySegment x, long at, long length, int flip) {
        x = NATIVE.cast(x);
        long end = vectorEnd(at, length);
        IntVector ranks = IntVector.broadcast(I32, NEGATIVE_INFINITY);
        for (long i = at; i < end; i += STEP) {
            IntVector v = IntVector.fromMemorySegment(I32, x, i, LE).lanewise(VectorOperators.XOR, flip);
            ranks = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET)
                    .max(ranks);
        }
        int rank = INTS.cast(ranks).reduceLanes(VectorOperators.MAX);
        for (long i = end; i < at + length * Float.BYTES; i += Float.BYTES) {
            int bits = x.get(BITS, i) ^ flip;
            rank = Math.max(rank, (bits ^ (bits >> SIGN_SHIFT & Integer.MAX_VALUE)) - OFFSET);
        }
        int ordered = rank + OFFSET;
        return Float.intBitsToFloat(ordered ^ (ordered >> SIGN_SHIFT & Integer.MAX_VALUE) ^ flip);
    }
}
