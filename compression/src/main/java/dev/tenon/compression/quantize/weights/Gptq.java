package dev.tenon.compression.quantize.weights;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.algebra.Dense;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Rounds the weights of a layer so that its outputs change little: Frantar et al., GPTQ, 2022. Columns are rounded one
 * after the other, and the weights that are not rounded yet make up for the error of each. With the second moments H of
 * the inputs and {@code U = chol(H^-1)}, upper, a weight w of column c that is rounded to q has the error {@code e = (w
 * - q) / U[c, c]}, and the weights to its right change by {@code -e U[c, :]}.
 *
 * <p>A column that no input reaches is rounded by itself, and changes no other.
 */
final class Gptq {
    /** The columns after whose rounding the columns to their right are changed, all at once. */
    private static final int COLUMNS = 128;

    /** The rows that are changed before U is read again. */
    private static final int ROWS = 256;

    /** How often the damping is raised by a factor of 10 if H is not positive definite. */
    private static final int ATTEMPTS = 6;

    private final int terms;

    /** The rows of the upper factor, [terms, terms], in the order of rounding. */
    private final double[][] upper;

    /** The column of each place in the order of rounding. */
    private final int[] order;

    /** Rounds one weight. */
    interface Rounder {
        /**
         * Sees the weights of a row before one of them is rounded.
         *
         * @param row the row
         * @param place the place of the weight in the order of rounding
         * @param weights the changed weights of the row in that order
         */
        default void before(int row, int place, double[] weights) {}

        /**
         * Rounds a weight.
         *
         * @param row its row
         * @param column its column
         * @param weight its value, as the errors before have changed it
         * @return the value that it is rounded to
         */
        double round(int row, int column, double weight);
    }

    /**
     * Prepares a matrix of second moments.
     *
     * @param moments the matrix H, [terms, terms], symmetric
     * @param terms the number of columns of the weights
     * @param damping what is added to the diagonal, as a share of its mean
     * @param isOrdered whether columns with large second moments are rounded first
     * @throws CompressionException if H has NaN or infinite elements
     */
    Gptq(double[] moments, int terms, double damping, boolean isOrdered) {
        this.terms = terms;
        this.order = order(moments, terms, isOrdered);
        double mean = mean(moments, terms);
        double added = damping * mean;
        double[][] factor = null;
        for (int i = 0; i < ATTEMPTS && factor == null; i++) {
            factor = factor(moments, order, mean, added);
            added *= 10;
        }
        if (factor == null) {
            throw new CompressionException(
                    "second moments of a layer's inputs",
                    "no positive definite matrix",
                    "moments of finite numbers",
                    "give samples for which the model computes finite numbers");
        }
        this.upper = factor;
    }

    private static int[] order(double[] moments, int terms, boolean isOrdered) {
        IntStream natural = IntStream.range(0, terms);
        if (!isOrdered) {
            return natural.toArray();
        }
        return natural.boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -moments[i * terms + i])
                        .thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The mean of the diagonal over columns that inputs reach; 1 if there are none. */
    private static double mean(double[] moments, int terms) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < terms; i++) {
            double d = moments[i * terms + i];
            if (d != 0) {
                sum += d;
                count++;
            }
        }
        return count == 0 ? 1 : sum / count;
    }

    /**
     * The upper factor of the inverse. With J, which turns the order around, {@code J H J = L L^T}. So {@code H = R
     * R^T} with R = J L J, which is upper, and {@code H^-1 = U^T U} with {@code U = R^-1 = J L^-1 J}. Null if H is not
     * positive definite.
     */
    private static double[][] factor(double[] moments, int[] order, double mean, double added) {
        int n = order.length;
        double[] turned = new double[n * n];
        for (int i = 0; i < n; i++) {
            int row = order[n - 1 - i];
            boolean isDead = moments[row * n + row] == 0;
            for (int j = 0; j < n; j++) {
                int column = order[n - 1 - j];
                double h = moments[row * n + column];
                turned[i * n + j] = row != column ? h : isDead ? mean + added : h + added;
            }
        }
        double[] lower = Dense.blockCholesky(turned, n);
        if (lower == null) {
            return null;
        }
        for (int i = 0; i < n; i++) {
            if (!(lower[i * n + i] > 0) || Double.isInfinite(lower[i * n + i])) {
                return null;
            }
        }
        double[][] inverse = inverse(lower, n);
        double[][] upper = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                upper[i][j] = inverse[n - 1 - i][n - 1 - j];
            }
        }
        return upper;
    }

    /** The rows of the inverse of a lower triangular matrix. */
    private static double[][] inverse(double[] lower, int n) {
        double[][] inverse = new double[n][n];
        for (int i = 0; i < n; i++) {
            double diagonal = 1 / lower[i * n + i];
            for (int k = 0; k < i; k++) {
                add(inverse[i], -lower[i * n + k] * diagonal, inverse[k], 0, k + 1);
            }
            inverse[i][i] = diagonal;
        }
        return inverse;
    }

    /**
     * Adds a multiple of a part of an array to the same part of another. Equal indices let the compiler use vectors.
     */
    static void add(double[] sum, double factor, double[] term, int from, int to) {
        for (int j = from; j < to; j++) {
            sum[j] += factor * term[j];
        }
    }

    /**
     * Rounds rows of a matrix.
     *
     * @param matrix the weights, [rows, terms], which stay as they are
     * @param from the first row
     * @param to the row after the last one
     * @param rounder rounds each weight
     */
    void round(float[] matrix, int from, int to, Rounder rounder) {
        double[][] weights = new double[Math.min(ROWS, to - from)][terms];
        for (int first = from; first < to; first += ROWS) {
            int last = Math.min(to, first + ROWS);
            for (int row = first; row < last; row++) {
                for (int i = 0; i < terms; i++) {
                    weights[row - first][i] = matrix[row * terms + order[i]];
                }
            }
            rows(weights, first, last, rounder);
        }
    }

    /**
     * Multiplies a row with the inverse of the damped second moments. The order of rounding is that of the columns.
     *
     * @param row the row, [terms]
     * @return {@code row (H + d I)^-1}
     */
    double[] solved(double[] row) {
        double[] solved = new double[terms];
        for (int i = 0; i < terms; i++) {
            double sum = 0;
            for (int j = i; j < terms; j++) {
                sum += row[j] * upper[i][j];
            }
            add(solved, sum, upper[i], i, terms);
        }
        return solved;
    }

    private void rows(double[][] weights, int first, int last, Rounder rounder) {
        double[] errors = new double[COLUMNS];
        for (int start = 0; start < terms; start += COLUMNS) {
            int end = Math.min(terms, start + COLUMNS);
            for (int row = first; row < last; row++) {
                double[] w = weights[row - first];
                for (int i = start; i < end; i++) {
                    rounder.before(row, i, w);
                    double error = (w[i] - rounder.round(row, order[i], w[i])) / upper[i][i];
                    add(w, -error, upper[i], i + 1, end);
                    errors[i - start] = error;
                }
                rest(w, errors, start, end);
            }
        }
    }

    /** Changes the weights after some columns by the errors of these. */
    private void rest(double[] w, double[] errors, int start, int end) {
        int i = start;
        for (; i + 4 <= end; i += 4) {
            double e0 = errors[i - start];
            double e1 = errors[i - start + 1];
            double e2 = errors[i - start + 2];
            double e3 = errors[i - start + 3];
            double[] u0 = upper[i];
            double[] u1 = upper[i + 1];
            double[] u2 = upper[i + 2];
            double[] u3 = upper[i + 3];
            for (int j = end; j < terms; j++) {
                w[j] -= e0 * u0[j] + e1 * u1[j] + e2 * u2[j] + e3 * u3[j];
            }
        }
        for (; i < end; i++) {
            add(w, -errors[i - start], upper[i], end, terms);
        }
    }
}
