package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of softmax down columns in an array: a strip for each vector of columns, the vectors of its rows one behind the
 * other. A vector for each strip passes from loop to loop through an array: first their maxima, and from {@link #SUMS} on
 * their sums, of short chains, in which nothing is lost from one chain to the next. Each loop is a method of its own, for the
 * reason that {@link SoftmaxRows} gives, and is called by its number in an array, for the reason that
 * {@code RecurrentCells} gives.
 */
final class SoftmaxStrips {
    /** A loop over all strips. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param s the strips
         * @param strips how many there are
         * @param rows the vectors of a strip
         * @param lanes holds what passes from loop to loop
         */
        void run(float[] s, int strips, int rows, float[] lanes);
    }

    /** The loop that takes maxima. */
    static final int MAXIMA = 0;

    /** The loop that makes exponentials and adds them up. */
    static final int EXPONENTIALS = 1;

    /** The loop that adds exponentials up. */
    static final int SUMS_ALONE = 2;

    /** The loop that divides by the sums. */
    static final int SCALE = 3;

    /** The loop that subtracts maxima and the logarithms of the sums. */
    static final int SUBTRACT = 4;

    private static final Loop[] LOOPS = {
        SoftmaxStrips::maxima,
        SoftmaxStrips::exponentials,
        SoftmaxStrips::sums,
        SoftmaxStrips::scale,
        SoftmaxStrips::subtract
    };

    /** Strips that are worked on together, at most. */
    static final int MOST = 11;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;

    /** Where the sums of strips lie. */
    static final int SUMS = MOST * LANES;

    /** Where lies what roundings of the sums have lost, and behind that the sum of a chain. */
    private static final int LOST = 2 * MOST * LANES;

    private static final int CHAIN_SUM = 3 * MOST * LANES;

    /** Elements that are added up in one chain of additions. */
    private static final int CHAIN = 8 * LANES;

    /** What maxima and sums start from: one element each, as one that they share would be kept as an object. */
    private static final float[] LEAST = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};

    private static final float[] ZEROS = new float[2];

    private SoftmaxStrips() {}

    /** Runs a loop; the only call of loops, so that the compiler sees many behind it. */
    static void run(int loop, float[] s, int strips, int rows, float[] lanes) {
        LOOPS[loop].run(s, strips, rows, lanes);
    }

    /**
     * Copies rows into strips; a single strip, whose rows are short, by a loop of its own.
     *
     * @param at the byte of the first row
     * @param stride bytes from a row to the next
     * @param some how many rows are copied, the first ones
     * @param rows the rows of a strip
     */
    static void load(MemorySegment x, long at, long stride, int some, int strips, float[] s, int rows) {
        x = NATIVE.cast(x);
        if (strips == 1) {
            for (int r = 0; r < some; r++) {
                FloatVector.fromMemorySegment(F32, x, at + r * stride, LE).intoArray(s, r * LANES);
            }
            return;
        }
        for (int r = 0; r < some; r++) {
            long from = at + r * stride;
            int to = r * LANES;
            for (int j = 0; j < strips; j++) {
                FloatVector.fromMemorySegment(F32, x, from + j * VECTOR, LE).intoArray(s, to);
                to += rows * LANES;
            }
        }
    }

    /** The reverse of {@link #load}, for the rows from one to another. */
    static void store(float[] s, int rows, int first, int end, int strips, MemorySegment y, long at, long stride) {
        y = NATIVE.cast(y);
        if (strips == 1) {
            for (int r = first; r < end; r++) {
                FloatVector.fromArray(F32, s, r * LANES).intoMemorySegment(y, at + r * stride, LE);
            }
            return;
        }
        for (int r = first; r < end; r++) {
            long to = at + r * stride;
            int from = r * LANES;
            for (int j = 0; j < strips; j++) {
                FloatVector.fromArray(F32, s, from).intoMemorySegment(y, to + j * VECTOR, LE);
                from += rows * LANES;
            }
        }
    }

    /** Takes the maxima of columns. NaN never is greater: it does not count. */
    private static void maxima(float[] s, int strips, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < strips; j++) {
            FloatVector a = FloatVector.broadcast(F32, LEAST[0]);
            FloatVector b = FloatVector.broadcast(F32, LEAST[1]);
            int i = j * length;
            int end = i + length;
            for (; i + LANES < end; i += 2 * LANES) {
                FloatVector v = FloatVector.fromArray(F32, s, i);
                FloatVector w = FloatVector.fromArray(F32, s, i + LANES);
                a = FLOATS.cast(a).blend(v, v.compare(VectorOperators.GT, a));
                b = FLOATS.cast(b).blend(w, w.compare(VectorOperators.GT, b));
            }
            if (i < end) {
                FloatVector v = FloatVector.fromArray(F32, s, i);
                a = FLOATS.cast(a).blend(v, v.compare(VectorOperators.GT, a));
            }
            FLOATS.cast(a)
                    .blend(b, FLOATS.cast(b).compare(VectorOperators.GT, a))
                    .intoArray(lanes, j * LANES);
        }
    }

    /**
     * Replaces elements by the exponentials of their differences from the maxima, lifted by
     * {@link VectorMath#liftedExp}, and adds these up; a sum is NaN if an element of the column was.
     */
    private static void exponentials(float[] s, int strips, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < strips; j++) {
            FloatVector.zero(F32).intoArray(lanes, SUMS + j * LANES);
            FloatVector.zero(F32).intoArray(lanes, LOST + j * LANES);
            FloatVector max = FloatVector.fromArray(F32, lanes, j * LANES);
            int end = (j + 1) * length;
            for (int from = j * length; from < end; from += CHAIN) {
                FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector all = FloatVector.broadcast(F32, ZEROS[1]);
                int to = Math.min(end, from + CHAIN);
                for (int i = from; i < to; i += LANES) {
                    FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                    FloatVector e = VectorMath.liftedExp(d);
                    e.intoArray(s, i);
                    sum = e.add(sum);
                    all = d.add(all);
                }
                FLOATS.cast(sum)
                        .blend(all, FLOATS.cast(all).compare(VectorOperators.NE, all))
                        .intoArray(lanes, CHAIN_SUM);
                addChain(lanes, j * LANES);
            }
            addLost(lanes, j * LANES);
        }
    }

    /** Adds the sum of a chain to those before it, and what that rounding loses to what others have. */
    private static void addChain(float[] lanes, int strip) {
        FloatVector before = FloatVector.fromArray(F32, lanes, SUMS + strip);
        FloatVector chain = FloatVector.fromArray(F32, lanes, CHAIN_SUM);
        FloatVector sum = before.add(chain);
        FloatVector part = sum.sub(before);
        before.sub(sum.sub(part))
                .add(chain.sub(part))
                .add(FloatVector.fromArray(F32, lanes, LOST + strip))
                .intoArray(lanes, LOST + strip);
        sum.intoArray(lanes, SUMS + strip);
    }

    private static void addLost(float[] lanes, int strip) {
        FloatVector.fromArray(F32, lanes, SUMS + strip)
                .add(FloatVector.fromArray(F32, lanes, LOST + strip))
                .intoArray(lanes, SUMS + strip);
    }

    /** The sums of {@link #exponentials}. */
    private static void sums(float[] s, int strips, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < strips; j++) {
            FloatVector.zero(F32).intoArray(lanes, SUMS + j * LANES);
            FloatVector.zero(F32).intoArray(lanes, LOST + j * LANES);
            FloatVector max = FloatVector.fromArray(F32, lanes, j * LANES);
            int end = (j + 1) * length;
            for (int from = j * length; from < end; from += CHAIN) {
                FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector all = FloatVector.broadcast(F32, ZEROS[1]);
                int to = Math.min(end, from + CHAIN);
                for (int i = from; i < to; i += LANES) {
                    FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                    sum = VectorMath.liftedExp(d).add(sum);
                    all = d.add(all);
                }
                FLOATS.cast(sum)
                        .blend(all, FLOATS.cast(all).compare(VectorOperators.NE, all))
                        .intoArray(lanes, CHAIN_SUM);
                addChain(lanes, j * LANES);
            }
            addLost(lanes, j * LANES);
        }
    }

    /**
     * Divides elements by the sums: multiplies them by the rounded reciprocals, which costs up to an ulp more than a division
     * and takes one for each column instead of each element.
     */
    private static void scale(float[] s, int strips, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < strips; j++) {
            FloatVector factor =
                    FloatVector.broadcast(F32, 1f).div(FloatVector.fromArray(F32, lanes, SUMS + j * LANES));
            int end = (j + 1) * length;
            for (int i = j * length; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).mul(factor).intoArray(s, i);
            }
        }
    }

    /** Subtracts the maxima and the logarithms of the sums, the lift taken away. */
    private static void subtract(float[] s, int strips, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < strips; j++) {
            FloatVector max = FloatVector.fromArray(F32, lanes, j * LANES);
            FloatVector log = VectorMath.log(
                    FloatVector.fromArray(F32, lanes, SUMS + j * LANES).mul((float) VectorMath.UNLIFT));
            int end = (j + 1) * length;
            for (int i = j * length; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).sub(max).sub(log).intoArray(s, i);
            }
        }
    }
}
