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
 * Loops of softmax over rows in an array, each a number of full vectors. Each loop is a step
 * of its own, and what passes from one to the next passes through arrays: one method that held them all would be too
 * large for C2, and would box vectors.
 */
public final class SoftmaxRows {
    /** Rows that are worked on together, at most. */
    static final int MOST = GemmScratch.SOFTMAX_ROWS;

    /** Steps whose loops long rows run through piece by piece. */
    static final int SUMS = 0;

    static final int RESULTS = 2;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private static final int LANES = SimdSpecies.LANES;

    /** The number of each lane. */
    private static final float[] INDEXES = indexes();

    /**
     * The steps of softmax over rows that come in blocks, left unscaled. {@link GemmScratch#running} and
     * {@link GemmScratch#sums} hold what is known of the blocks before, and {@link GemmScratch#factors} get by what
     * their exponentials are to be multiplied. Made when they run.
     */
    public static final class Running {
        private static final Step[] STEPS = {
            SoftmaxRows::maxima, SoftmaxRows::settle, SoftmaxRows::shares, SoftmaxRows::addUp
        };

        private static final Step[] PLAIN_STEPS = {
            PlainSoftmax::maxima, SoftmaxRows::settle, PlainSoftmax::shares, SoftmaxRows::addUp
        };

        private Running() {}

        /**
         * The steps in order.
         *
         * @param compiled whether loops on vectors are
         * @return the same results either way
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
         * @param g holds what passes from loop to loop
         */
        void run(float[] s, int rows, int step, int length, GemmScratch g);
    }

    /** {@return the steps of softmax} */
    static Step[] plain() {
        return new Step[] {SoftmaxRows::exponentials, SoftmaxRows::inverses, SoftmaxRows::scale};
    }

    /** {@return the steps of its logarithm} */
    static Step[] logarithmic() {
        return new Step[] {SoftmaxRows::sums, SoftmaxRows::logarithms, SoftmaxRows::subtract};
    }

    private static float[] indexes() {
        float[] indexes = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            indexes[i] = i;
        }
        return indexes;
    }

    /** Elements of full vectors that hold some elements. */
    public static int padded(long length) {
        return (int) ((length + LANES - 1) / LANES * LANES);
    }

    /**
     * Copies rows, filled up with negative infinity, and takes the maximum of each. NaN never is greater: it does not
     * count.
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
                long behind = from + (long) body * Float.BYTES;
                if (behind <= x.byteSize() - LANES * (long) Float.BYTES) {
                    FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY)
                            .blend(
                                    FloatVector.fromMemorySegment(F32, x, behind, LE),
                                    FloatVector.fromArray(F32, INDEXES, 0)
                                            .compare(VectorOperators.LT, (float) (length - body)))
                            .intoArray(s, to + body);
                } else {
                    tail(x, behind, length - body, s, to + body);
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
     * Works on three blocks of rows at a time, vector by vector, so that memory is busy while there is arithmetic to do:
     * copies the rows of one and takes their maxima, does to the second what {@link #exponentials} does, and scales the
     * third. Behind the rows of a block lies a vector for each: of maxima, then of sums, then the factor.
     *
     * @param x memory that holds the first block
     * @param xAt its offset, bytes
     * @param s holds all blocks
     * @param in where the first block goes
     * @param now where the second block lies, whose maxima are in {@link GemmScratch#maxima}
     * @param out where the third block lies
     * @param rows rows of a block
     * @param length elements of a row, full vectors
     * @param g holds the maxima
     */
    static void advance(
            MemorySegment x, long xAt, float[] s, int in, int now, int out, int rows, int length, GemmScratch g) {
        x = NATIVE.cast(x);
        int lanes = rows * length;
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector factor = FloatVector.fromArray(F32, s, out + lanes + r * LANES);
            FloatVector greatest = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector sum = FloatVector.zero(F32);
            FloatVector all = FloatVector.zero(F32);
            int end = r * length + length;
            for (int i = r * length; i < end; i += LANES) {
                FloatVector v = FloatVector.fromMemorySegment(F32, x, xAt + (long) i * Float.BYTES, LE);
                v.intoArray(s, in + i);
                greatest = FLOATS.cast(greatest).blend(v, v.compare(VectorOperators.GT, greatest));
                FloatVector.fromArray(F32, s, out + i).mul(factor).intoArray(s, out + i);
                FloatVector d = FloatVector.fromArray(F32, s, now + i).sub(max);
                FloatVector e = VectorMath.liftedExp(d);
                e.intoArray(s, now + i);
                sum = e.add(sum);
                all = d.add(all);
            }
            FLOATS.cast(greatest).intoArray(s, in + lanes + r * LANES);
            FLOATS.cast(sum)
                    .blend(all, FLOATS.cast(all).compare(VectorOperators.NE, all))
                    .intoArray(s, now + lanes + r * LANES);
        }
    }

    /** Takes the maxima of a block whose vectors of maxima {@link #advance} left behind its rows. */
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
     * The largest element of a vector without NaN. As integers in the order of the numbers, which one instruction
     * compares, where floating-point maxima take several to get NaN and signed zeros right.
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
     * Replaces elements by the exponentials of their differences from the maximum, lifted by
     * {@link VectorMath#liftedExp}. The sum of each row's exponentials goes into a vector that is to be summed up; NaN
     * if an element was.
     */
    private static void exponentials(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector all = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                FloatVector e = VectorMath.liftedExp(d);
                e.intoArray(s, i);
                sum = e.add(sum);
                all = d.add(all);
            }
            FLOATS.cast(sum)
                    .blend(all, FLOATS.cast(all).compare(VectorOperators.NE, all))
                    .intoArray(g.lanes, r * LANES);
        }
    }

    /** The sums of {@link #exponentials}. */
    private static void sums(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector all = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                sum = VectorMath.liftedExp(d).add(sum);
                all = d.add(all);
            }
            FLOATS.cast(sum)
                    .blend(all, FLOATS.cast(all).compare(VectorOperators.NE, all))
                    .intoArray(g.lanes, r * LANES);
        }
    }

    /** Takes the maximum of each row. NaN never is greater: it does not count. */
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

    /** From the maximum of a block to that of the blocks so far. Without one all exponentials shall be 0, not NaN. */
    private static void settle(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float before = g.running[r];
            float max = Math.max(before, g.maxima[r]);
            g.running[r] = max;
            g.maxima[r] = max == Float.NEGATIVE_INFINITY ? 0 : max;
            g.factors[r] = before == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(before - max);
        }
    }

    /** As {@link #exponentials}, not lifted. */
    public static void shares(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            float max = g.maxima[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector all = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                FloatVector e = VectorMath.flushedExp(d);
                e.intoArray(s, i);
                sum = e.add(sum);
                all = d.add(all);
            }
            FLOATS.cast(sum)
                    .blend(all, FLOATS.cast(all).compare(VectorOperators.NE, all))
                    .intoArray(g.lanes, r * LANES);
        }
    }

    private static void addUp(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            g.sums[r] = LaneSums.sum(g.lanes, r * LANES) + g.sums[r] * g.factors[r];
        }
    }

    /** Replaces vectors of sums by the inverse of the whole sum in all lanes. */
    private static void inverses(float[] s, int rows, int step, int length, GemmScratch g) {
        inverses(g.lanes, 0, rows);
    }

    /** Replaces vectors of sums, one after the other, by the inverses of the whole sums. */
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

    /** Replaces vectors of sums by the logarithm of the whole sum without the lift in all lanes. */
    private static void logarithms(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            Arrays.fill(g.lanes, r * LANES, (r + 1) * LANES, logarithm(LaneSums.sum(g.lanes, r * LANES)));
        }
    }

    /** The logarithm of a sum of lifted exponentials without the lift. */
    static float logarithm(double sum) {
        return (float) Math.log(sum * VectorMath.UNLIFT);
    }

    private static void scale(float[] s, int rows, int step, int length, GemmScratch g) {
        for (int r = 0; r < rows; r++) {
            FloatVector factor = FloatVector.fromArray(F32, g.lanes, r * LANES);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).mul(factor).intoArray(s, i);
            }
        }
    }

    /** Scales rows by the factors that lie behind them. */
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
     * Writes rows of one vector, of which more than half counts, each over what the one before it wrote too much. Nothing is
     * written behind the last one.
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
