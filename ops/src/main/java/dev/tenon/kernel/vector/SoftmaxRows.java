package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of softmax over rows in an array, each a number of full vectors.
 */
final class SoftmaxRows {
    /** Rows that are worked on together, at most. */
    static final int MOST = 32;

    private static final int LANES = F32.length();

    private SoftmaxRows() {}

    /** Elements of full vectors that hold some elements. */
    static int padded(long length) {
        return (int) ((length + LANES - 1) / LANES * LANES);
    }

    /**
     * Takes maxima. NaN never is greater: it does not count.
     *
     * @param s the rows
     * @param rows how many there are
     * @param step elements from a row to the next
     * @param length elements of a row, full vectors
     * @param max gets the maximum of each row
     */
    static void maxima(float[] s, int rows, int step, int length, float[] max) {
        for (int r = 0; r < rows; r++) {
            FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
            int i = r * step;
            int end = i + length;
            for (; i + LANES < end; i += 2 * LANES) {
                FloatVector v = FloatVector.fromArray(F32, s, i);
                FloatVector w = FloatVector.fromArray(F32, s, i + LANES);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
                b = b.blend(w, w.compare(VectorOperators.GT, b));
            }
            if (i < end) {
                FloatVector v = FloatVector.fromArray(F32, s, i);
                a = a.blend(v, v.compare(VectorOperators.GT, a));
            }
            max[r] = Lanes.max(a.blend(b, b.compare(VectorOperators.GT, a)));
        }
    }

    /**
     * Replaces elements by exponentials that are not lifted, see {@link VectorMath#flushedExp}.
     *
     * @param s the rows
     * @param rows how many there are
     * @param step elements from a row to the next
     * @param length elements of a row, full vectors
     * @param max the maximum of each row
     * @param sums gets for each row the sum of its exponentials, a vector that is to be summed up; NaN if an element was
     */
    static void exponentials(float[] s, int rows, int step, int length, float[] max, float[] sums) {
        for (int r = 0; r < rows; r++) {
            float m = max[r];
            FloatVector sum = FloatVector.zero(F32);
            FloatVector all = FloatVector.zero(F32);
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector d = FloatVector.fromArray(F32, s, i).sub(m);
                FloatVector e = VectorMath.flushedExp(d);
                e.intoArray(s, i);
                sum = sum.add(e);
                all = all.add(d);
            }
            sum.blend(all, all.compare(VectorOperators.NE, all)).intoArray(sums, r * LANES);
        }
    }

    /**
     * Replaces the last vectors of rows by exponentials, lifted by {@link VectorMath#liftedExp}, and adds these to the
     * sums.
     *
     * @param s the rows
     * @param rows how many there are
     * @param step elements from a row to the next
     * @param from the elements before the last vector of a row
     * @param max the maximum of each row
     * @param sums the sum of each row, a vector that is to be summed up; NaN if an element is
     */
    static void tails(float[] s, int rows, int step, int from, float[] max, float[] sums) {
        for (int r = 0; r < rows; r++) {
            FloatVector d = FloatVector.fromArray(F32, s, r * step + from).sub(max[r]);
            FloatVector e = VectorMath.liftedExp(d);
            e.intoArray(s, r * step + from);
            FloatVector.fromArray(F32, sums, r * LANES)
                    .add(e.blend(d, d.compare(VectorOperators.NE, d)))
                    .intoArray(sums, r * LANES);
        }
    }

    /**
     * Multiplies rows.
     *
     * @param s the rows
     * @param rows how many there are
     * @param step elements from a row to the next
     * @param length elements of a row, full vectors
     * @param factors the factor of each row
     */
    static void scale(float[] s, int rows, int step, int length, float[] factors) {
        for (int r = 0; r < rows; r++) {
            float factor = factors[r];
            int end = r * step + length;
            for (int i = r * step; i < end; i += LANES) {
                FloatVector.fromArray(F32, s, i).mul(factor).intoArray(s, i);
            }
        }
    }
}
