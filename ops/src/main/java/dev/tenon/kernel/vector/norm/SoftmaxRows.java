package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.LaneShuffles;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.gemm.GemmScratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of softmax over rows in an array. Each row is a number of full vectors. Softmax takes several loops, called
 * steps, which pass intermediate results on in arrays: C2 could not inline all vector operations of one method with all
 * loops, and vectors would become objects.
 *
 * <p>A maximum ignores NaN. The sum of a row is NaN if an element of the row is NaN; therefore loops that compute
 * exponentials also add up the differences from the maximum.
 */
public final class SoftmaxRows {
    /** The most rows of one call. */
    static final int MAX_ROWS = GemmScratch.SOFTMAX_ROWS;

    /** The index of the step that computes the sums of rows, in either list of steps. */
    static final int SUM_STEP = 0;

    /** The index of the step that computes results from elements and sums, in either list of steps. */
    static final int RESULT_STEP = 2;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private static final int LANES = SimdSpecies.LANES;

    /** The number of each lane. */
    private static final float[] LANE_NUMBERS = laneNumbers();

    /**
     * The steps of online softmax, for rows that come in blocks. Exponentials stay unscaled.
     * {@link GemmScratch#running} holds the maximum of each row over all blocks so far, {@link GemmScratch#sums} the
     * sum. {@link GemmScratch#factors} receives the factor by which the exponentials of earlier blocks must be scaled.
     * The class is loaded when its steps first run.
     */
    public static final class Running {
        private static final Step[] STEPS = {
            SoftmaxRows::maxima, SoftmaxRows::updateMaxima, SoftmaxRows::exponentials, SoftmaxRows::updateSums
        };

        private static final Step[] PLAIN_STEPS = {
            PlainSoftmax::maxima, SoftmaxRows::updateMaxima, PlainSoftmax::exponentials, SoftmaxRows::updateSums
        };

        private Running() {}

        /**
         * The steps in order.
         *
         * @param compiled whether the JVM has compiled the vector loops
         * @return vector loops if it has, otherwise scalar loops with the same results
         */
        public static Step[] steps(boolean compiled) {
            return compiled ? STEPS : PLAIN_STEPS;
        }
    }

    private SoftmaxRows() {}

    /** A loop over rows. */
    public interface Step {
        /**
         * Runs the loop.
         *
         * @param s the rows
         * @param rows how many there are
         * @param step elements from a row to the next
         * @param length elements of a row, full vectors
         * @param g the arrays for intermediate results
         */
        void run(float[] s, int rows, int step, int length, GemmScratch g);
    }

    /** {@return the steps of Softmax on rows whose maxima are known} */
    static Step[] softmaxSteps() {
        return new Step[] {SoftmaxRows::scaledExponentials, SoftmaxRows::inverses, SoftmaxRows::scale};
    }

    /** {@return the steps of LogSoftmax on rows whose maxima are known} */
    static Step[] logSoftmaxSteps() {
        return new Step[] {SoftmaxRows::scaledSums, SoftmaxRows::logarithms, SoftmaxRows::subtract};
    }

    private static float[] laneNumbers() {
        float[] numbers = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            numbers[i] = i;
        }
        return numbers;
    }

    /** A length rounded up to full vectors. */
    public static int padded(long length) {
        return (int) ((length + LANES - 1) / LANES * LANES);
    }

    /**
     * Copies rows from memory, fills each up to full vectors with negative infinity, and stores its maximum in {@link
     * GemmScratch#maxima}.
     */
    static void load(MemorySegment x, long at, int rows, int length, float[] s, int start, GemmScratch g) {
        x = NATIVE.cast(x);
        int body = length - length % LANES;
        int padded = padded(length);
        for (int r = 0; r < rows; r++) {
            long from = at + (long) r * length * Float.BYTES;
            int to = start + r * padded;
            FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            int i = 0;
            for (; i + LANES < body; i += 2 * LANES) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES, LE);
                FloatVector w = FloatVector.fromMemorySegment(F32, x, from + (long) (i + LANES) * Float.BYTES, LE);
                v.intoArray(s, to + i);
                w.intoArray(s, to + i + LANES);
                a = FLOATS.cast(a).blend(v, v.compare(VectorOperators.GT, a));
                b = FLOATS.cast(b).blend(w, w.compare(VectorOperators.GT, b));
            }
            if (i < body) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, from + (long) i * Float.BYTES, LE);
                v.intoArray(s, to + i);
                a = FLOATS.cast(a).blend(v, v.compare(VectorOperators.GT, a));
            }
            if (body < length) {
                long rest = from + (long) body * Float.BYTES;
                if (rest <= x.byteSize() - LANES * (long) Float.BYTES) {
                    FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY)
                            .blend(
                                    FloatVector.fromMemorySegment(F32, x, rest, LE),
                                    FloatVector.fromArray(F32, LANE_NUMBERS, 0)
                                            .compare(VectorOperators.LT, (float) (length - body)))
                            .intoArray(s, to + body);
                } else {
                    tail(x, rest, length - body, s, to + body);
                }
                FloatVector v = FloatVector.fromArray(F32, s, to + body);
                b = FLOATS.cast(b).blend(v, v.compare(VectorOperators.GT, b));
            }
            FLOATS.cast(a)
                    .blend(b, FLOATS.cast(b).compare(VectorOperators.GT, a))
                    .intoArray(g.lanes, r * LANES);
        }
        for (int r = 0; r < rows; r++) {
            g.maxima[r] = max(g.lanes, r * LANES);
        }
    }

    /**
     * Works on three blocks of rows at the same time, as a software pipeline: loads overlap with arithmetic. It copies
     * the next block from memory and takes its maxima, does the work of {@link #scaledExponentials} on the current
     * block, and scales the previous block. After the rows of a block the array holds one vector for each row: its
     * maxima, later its sums, later its factor in all lanes.
     *
     * @param x the memory of the next block
     * @param xAt the offset of the next block there, in bytes
     * @param s the array of all blocks
     * @param next the index in s to which the next block is copied
     * @param current the index of the current block, whose maxima are in {@link GemmScratch#maxima}
     * @param previous the index of the previous block
     * @param rows rows of a block
     * @param length elements of a row, full vectors
     * @param g the arrays that hold the maxima
     */
    static void pipeline(
            MemorySegment x,
            long xAt,
            float[] s,
            int next,
            int current,
            int previous,
            int rows,
            int length,
            GemmScratch g) {
        x = NATIVE.cast(x);
        int lanes = rows * length;
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector factor = FloatVector.fromArray(F32, s, previous + lanes + r * LANES);
            FloatVector maxima = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector sum = FloatVector.zero(F32);
            FloatVector differences = FloatVector.zero(F32);
            int end = r * length + length;
            for (int i = r * length; i < end; i += LANES) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + (long) i * Float.BYTES, LE);
                v.intoArray(s, next + i);
                maxima = FLOATS.cast(maxima).blend(v, v.compare(VectorOperators.GT, maxima));
                FloatVector.fromArray(F32, s, previous + i).mul(factor).intoArray(s, previous + i);
                FloatVector d = FloatVector.fromArray(F32, s, current + i).sub(max);
                FloatVector e = VectorMath.scaledExp(d);
                e.intoArray(s, current + i);
                sum = e.add(sum);
                differences = d.add(differences);
            }
            FLOATS.cast(maxima).intoArray(s, next + lanes + r * LANES);
            FLOATS.cast(sum)
                    .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                    .intoArray(s, current + lanes + r * LANES);
        }
    }

    /**
     * Reduces the vectors of maxima, which {@link #pipeline} has stored after the rows of a block, to one maximum each.
     */
    public static void maxima(float[] s, int at, int rows, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            g.maxima[r] = max(s, at + r * LANES);
        }
    }

    private static void tail(MemorySegment x, long at, int length, float[] s, int to) {
        for (int i = 0; i < length; i++) {
            s[to + i] = x.get(ValueLayout.JAVA_FLOAT, at + (long) i * Float.BYTES);
        }
        for (int i = length; i < LANES; i++) {
            s[to + i] = Float.NEGATIVE_INFINITY;
        }
    }

    /**
     * The greatest element of a vector without NaN. Compares the bits as integers that have the order of the numbers,
     * because a maximum of integers is one instruction, while a maximum of floats takes several to treat NaN and signed
     * zeros right.
     */
    private static float max(float[] lanes, int offset) {
        IntVector bits = FloatVector.fromArray(F32, lanes, offset).reinterpretAsInts();
        int max = bits.lanewise(
                        VectorOperators.XOR,
                        bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE))
                .reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(max ^ (max >> 31 & Integer.MAX_VALUE));
    }

    /**
     * Replaces elements by the exponentials of their differences from the maximum of the row, scaled as {@link
     * VectorMath#scaledExp} says. Stores a vector of partial sums of each row in {@link GemmScratch#lanes}.
     */
    private static void scaledExponentials(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector differences = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                FloatVector e = VectorMath.scaledExp(d);
                e.intoArray(s, i);
                sum = e.add(sum);
                differences = d.add(differences);
            }
            FLOATS.cast(sum)
                    .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                    .intoArray(g.lanes, r * LANES);
        }
    }

    /** Stores the sums that {@link #scaledExponentials} stores, and leaves the elements unchanged. */
    private static void scaledSums(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector differences = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                sum = VectorMath.scaledExp(d).add(sum);
                differences = d.add(differences);
            }
            FLOATS.cast(sum)
                    .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                    .intoArray(g.lanes, r * LANES);
        }
    }

    /** Stores the maximum of each row in {@link GemmScratch#maxima}. */
    public static void maxima(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            int i = r * step;
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
                    .intoArray(g.lanes, r * LANES);
        }
        for (int r = 0; r < rows; r++) {
            g.maxima[r] = max(g.lanes, r * LANES);
        }
    }

    /**
     * Turns the maximum of each row in this block into the maximum over all blocks so far. If that is
     * negative infinity, the maximum becomes 0, so that exponentials are 0 and not NaN.
     */
    private static void updateMaxima(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float before = g.running[r];
            float max = Math.max(before, g.maxima[r]);
            g.running[r] = max;
            g.maxima[r] = max == Float.NEGATIVE_INFINITY ? 0 : max;
            g.factors[r] = before == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(before - max);
        }
    }

    /** Does the work of {@link #scaledExponentials} without the scaling, by {@link VectorMath#flushedExp}. */
    public static void exponentials(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector differences = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                FloatVector e = VectorMath.flushedExp(d);
                e.intoArray(s, i);
                sum = e.add(sum);
                differences = d.add(differences);
            }
            FLOATS.cast(sum)
                    .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                    .intoArray(g.lanes, r * LANES);
        }
    }

    /** Adds the sum of each row in this block to the scaled sum of the earlier blocks. */
    private static void updateSums(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            g.sums[r] = LaneSums.sum(g.lanes, r * LANES) + g.sums[r] * g.factors[r];
        }
    }

    /** Replaces each vector of partial sums by the inverse of their total in all lanes. */
    private static void inverses(float[] s, int rows, int step, int length, GemmScratch g) {
        inverses(g.lanes, 0, rows);
    }

    /** Replaces each of several consecutive vectors of partial sums by the inverse of their total in all lanes. */
    static void inverses(float[] lanes, int at, int rows) {
        for (int i = at; i < at + rows * LANES; i += LANES) {
            FloatVector v = FloatVector.fromArray(F32, lanes, i);
            if (LANES > 8) {
                v = v.add(v.rearrange(LaneShuffles.BY_8));
            }
            if (LANES > 4) {
                v = v.add(v.rearrange(LaneShuffles.BY_4));
            }
            v = v.add(v.rearrange(LaneShuffles.BY_2));
            v = v.add(v.rearrange(LaneShuffles.BY_1));
            FloatVector.broadcast(F32, 1f).div(v).intoArray(lanes, i);
        }
    }

    /** Replaces each vector of partial sums by the logarithm of their total in all lanes. */
    private static void logarithms(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            Arrays.fill(g.lanes, r * LANES, (r + 1) * LANES, logarithm(LaneSums.sum(g.lanes, r * LANES)));
        }
    }

    /** The logarithm of a sum of exponentials that {@link VectorMath#scaledExp} has scaled. Undoes the scaling. */
    static float logarithm(double sum) {
        return (float) Math.log(sum * VectorMath.UNSCALE);
    }

    /** Multiplies rows by their factors. */
    private static void scale(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            FloatVector factor = FloatVector.fromArray(F32, g.lanes, r * LANES);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).mul(factor).intoArray(s, i);
            }
        }
    }

    /** Multiplies the rows of a block by the factors that are stored after its rows, see {@link #pipeline}. */
    static void scale(float[] s, int at, int rows, int length) {
        for (int r = 0; r < rows; r++) {
            FloatVector factor = FloatVector.fromArray(F32, s, at + rows * length + r * LANES);
            int end = at + r * length + length;
            for (int i = at + r * length; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).mul(factor).intoArray(s, i);
            }
        }
    }

    /**
     * Writes rows that are shorter than a vector but longer than half of one. Each row is stored as a full vector, and
     * the next row overwrites the surplus lanes. The last row is stored without surplus.
     */
    static void store(float[] s, MemorySegment y, long at, int rows, int length) {
        y = NATIVE.cast(y);
        for (int r = 0; r < rows - 1; r++) {
            long to = at + (long) r * length * Float.BYTES;
            FloatVector.fromArray(F32, s, r * LANES).intoMemorySegment(y, to, LE);
        }
        long last = at + (rows - 1L) * length * Float.BYTES;
        MemorySegment.copy(s, (rows - 1) * LANES, y, ValueLayout.JAVA_FLOAT, last, length);
    }

    /** Subtracts maxima and logarithms of sums from the elements. */
    private static void subtract(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector log = FloatVector.fromArray(F32, g.lanes, r * LANES);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).sub(max).sub(log).intoArray(s, i);
            }
        }
    }
}
