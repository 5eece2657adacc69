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
 * Loops of softmax down columns in an array. The array consists of panels. A panel holds as many columns as a vector
 * has lanes; its rows are consecutive vectors. Loops pass intermediate results on in a second array, one vector for
 * each panel: the maxima of its columns from index 0 on, the sums of exponentials from {@link #SUMS} on.
 *
 * <p>Rounding errors of long sums would add up. So a sum is cut into short chains of additions, and the sum of the
 * chains carries along its rounding errors, which are added at the end.
 *
 * <p>Each loop is a method of its own, as in {@link SoftmaxRows}. They are called from an array, by index, because C2
 * must not inline several of them into one method: it would exceed its limit for inlining, and vectors would become
 * objects.
 */
final class SoftmaxColumns {
    /** A loop over all panels. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param s the panels
         * @param panels the number of panels
         * @param rows the vectors of a panel
         * @param lanes the array for intermediate results
         */
        void run(float[] s, int panels, int rows, float[] lanes);
    }

    /** The loop that computes the maxima of columns. */
    static final int MAXIMA = 0;

    /** The loop that replaces elements by exponentials and adds these up. */
    static final int EXPONENTIALS = 1;

    /** The loop that adds up exponentials and leaves the elements unchanged. */
    static final int SUMS_ONLY = 2;

    /** The loop that divides by the sums. */
    static final int SCALE = 3;

    /** The loop that subtracts maxima and the logarithms of the sums. */
    static final int SUBTRACT = 4;

    private static final Loop[] LOOPS = {
        SoftmaxColumns::maxima,
        SoftmaxColumns::exponentials,
        SoftmaxColumns::sums,
        SoftmaxColumns::scale,
        SoftmaxColumns::subtract
    };

    /**
     * The most panels of one call: {@link dev.tenon.kernel.vector.gemm.GemmScratch#lanes} holds three vectors for each,
     * and one more.
     */
    static final int MAX_PANELS = 11;

    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;

    /** The index of the sums in the array for intermediate results. */
    static final int SUMS = MAX_PANELS * LANES;

    /** The index of the rounding errors of the sums there. */
    private static final int ERRORS = 2 * MAX_PANELS * LANES;

    /** The index of the sum of one chain there. */
    private static final int CHAIN_SUM = 3 * MAX_PANELS * LANES;

    /** Elements of a panel that are added up in one chain of additions. */
    private static final int CHAIN = 8 * LANES;

    // Each accumulator starts from a load of its own element. C2 would keep one shared vector as an object.
    private static final float[] INFINITIES = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
    private static final float[] ZEROS = new float[2];

    private SoftmaxColumns() {}

    /**
     * Runs a loop. All loops are called from here, so that C2 sees a call with many targets and does not inline any.
     */
    static void run(int loop, float[] s, int panels, int rows, float[] lanes) {
        LOOPS[loop].run(s, panels, rows, lanes);
    }

    /**
     * Copies rows of memory into panels. A single panel has its own loop, because its rows are short.
     *
     * @param x the memory
     * @param at the byte offset of the first row
     * @param stride bytes from a row to the next
     * @param count how many rows are copied, the first ones
     * @param panels the number of panels
     * @param s the panels
     * @param rows the vectors of a panel
     */
    static void load(MemorySegment x, long at, long stride, int count, int panels, float[] s, int rows) {
        x = NATIVE.cast(x);
        if (panels == 1) {
            for (int r = 0; r < count; r++) {
                FloatVector.fromMemorySegment(F32, x, at + r * stride, LE).intoArray(s, r * LANES);
            }
            return;
        }
        for (int r = 0; r < count; r++) {
            long from = at + r * stride;
            int to = r * LANES;
            for (int j = 0; j < panels; j++) {
                FloatVector.fromMemorySegment(F32, x, from + j * VECTOR, LE).intoArray(s, to);
                to += rows * LANES;
            }
        }
    }

    /**
     * Copies rows of panels into memory.
     *
     * @param s the panels
     * @param rows the vectors of a panel
     * @param first the first row
     * @param end the row after the last
     * @param panels the number of panels
     * @param y the memory
     * @param at the byte offset of row 0
     * @param stride bytes from a row to the next
     */
    static void store(float[] s, int rows, int first, int end, int panels, MemorySegment y, long at, long stride) {
        y = NATIVE.cast(y);
        if (panels == 1) {
            for (int r = first; r < end; r++) {
                FloatVector.fromArray(F32, s, r * LANES).intoMemorySegment(y, at + r * stride, LE);
            }
            return;
        }
        for (int r = first; r < end; r++) {
            long to = at + r * stride;
            int from = r * LANES;
            for (int j = 0; j < panels; j++) {
                FloatVector.fromArray(F32, s, from).intoMemorySegment(y, to + j * VECTOR, LE);
                from += rows * LANES;
            }
        }
    }

    /** Computes the maxima of columns. They ignore NaN. */
    private static void maxima(float[] s, int panels, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < panels; j++) {
            FloatVector a = FloatVector.broadcast(F32, INFINITIES[0]);
            FloatVector b = FloatVector.broadcast(F32, INFINITIES[1]);
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
     * Replaces elements by the exponentials of their differences from the maxima, scaled as
     * {@link VectorMath#scaledExp} says, and adds these up. A sum is NaN if an element of the column is NaN.
     */
    private static void exponentials(float[] s, int panels, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < panels; j++) {
            FloatVector.zero(F32).intoArray(lanes, SUMS + j * LANES);
            FloatVector.zero(F32).intoArray(lanes, ERRORS + j * LANES);
            FloatVector max = FloatVector.fromArray(F32, lanes, j * LANES);
            int end = (j + 1) * length;
            for (int from = j * length; from < end; from += CHAIN) {
                FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector differences = FloatVector.broadcast(F32, ZEROS[1]);
                int to = Math.min(end, from + CHAIN);
                for (int i = from; i < to; i += LANES) {
                    FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                    FloatVector e = VectorMath.scaledExp(d);
                    e.intoArray(s, i);
                    sum = e.add(sum);
                    differences = d.add(differences);
                }
                FLOATS.cast(sum)
                        .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                        .intoArray(lanes, CHAIN_SUM);
                addChain(lanes, j * LANES);
            }
            addErrors(lanes, j * LANES);
        }
    }

    /**
     * Adds the sum of a chain to the sum of the earlier chains, and the rounding error of this addition to the earlier
     * errors.
     */
    private static void addChain(float[] lanes, int at) {
        FloatVector before = FloatVector.fromArray(F32, lanes, SUMS + at);
        FloatVector chain = FloatVector.fromArray(F32, lanes, CHAIN_SUM);
        FloatVector sum = before.add(chain);
        FloatVector part = sum.sub(before);
        before.sub(sum.sub(part))
                .add(chain.sub(part))
                .add(FloatVector.fromArray(F32, lanes, ERRORS + at))
                .intoArray(lanes, ERRORS + at);
        sum.intoArray(lanes, SUMS + at);
    }

    private static void addErrors(float[] lanes, int at) {
        FloatVector.fromArray(F32, lanes, SUMS + at)
                .add(FloatVector.fromArray(F32, lanes, ERRORS + at))
                .intoArray(lanes, SUMS + at);
    }

    /** Computes the sums of {@link #exponentials} and leaves the elements unchanged. */
    private static void sums(float[] s, int panels, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < panels; j++) {
            FloatVector.zero(F32).intoArray(lanes, SUMS + j * LANES);
            FloatVector.zero(F32).intoArray(lanes, ERRORS + j * LANES);
            FloatVector max = FloatVector.fromArray(F32, lanes, j * LANES);
            int end = (j + 1) * length;
            for (int from = j * length; from < end; from += CHAIN) {
                FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
                FloatVector differences = FloatVector.broadcast(F32, ZEROS[1]);
                int to = Math.min(end, from + CHAIN);
                for (int i = from; i < to; i += LANES) {
                    FloatVector d = FloatVector.fromArray(F32, s, i).sub(max);
                    sum = VectorMath.scaledExp(d).add(sum);
                    differences = d.add(differences);
                }
                FLOATS.cast(sum)
                        .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                        .intoArray(lanes, CHAIN_SUM);
                addChain(lanes, j * LANES);
            }
            addErrors(lanes, j * LANES);
        }
    }

    /**
     * Divides elements by the sums. It multiplies by rounded reciprocals, which takes one division for each column
     * instead of one for each element, and may err by one more ulp.
     */
    private static void scale(float[] s, int panels, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < panels; j++) {
            FloatVector factor =
                    FloatVector.broadcast(F32, 1f).div(FloatVector.fromArray(F32, lanes, SUMS + j * LANES));
            int end = (j + 1) * length;
            for (int i = j * length; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).mul(factor).intoArray(s, i);
            }
        }
    }

    /** Subtracts the maxima and the logarithms of the sums. Undoes the scaling of {@link VectorMath#scaledExp}. */
    private static void subtract(float[] s, int panels, int rows, float[] lanes) {
        int length = rows * LANES;
        for (int j = 0; j < panels; j++) {
            FloatVector max = FloatVector.fromArray(F32, lanes, j * LANES);
            FloatVector log = VectorMath.log(
                    FloatVector.fromArray(F32, lanes, SUMS + j * LANES).mul((float) VectorMath.UNSCALE));
            int end = (j + 1) * length;
            for (int i = j * length; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).sub(max).sub(log).intoArray(s, i);
            }
        }
    }
}
