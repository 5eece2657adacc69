package dev.tenon.compression.trees;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.algebra.Dense;
import java.util.Arrays;

/**
 * Drops trees one by one. The next one is the tree whose absence the others can make up for best by new factors; this is the
 * exact solution of optimal brain surgery (Hassibi and Stork 1993) for the squared error of the scores: with P the inverse of the
 * moments, the tree with the least {@code w_p^2 / P_pp} goes, the factors change by {@code -w_p / P_pp P[:,p]}, and P loses
 * its row and column p. Factors start at 1, and 1 % of the mean variance on the diagonal keeps them near it.
 */
final class TreeElimination {
    private static final double DAMPING = 0.01;

    private final double[][] factors;

    /**
     * Drops all trees but one.
     *
     * @param moments the second moments of trees
     */
    TreeElimination(double[][] moments) {
        int n = moments.length;
        double[][] p = inverse(moments);
        boolean[] isGone = new boolean[n];
        factors = new double[n][];
        double[] w = new double[n];
        Arrays.fill(w, 1);
        factors[0] = w.clone();
        for (int gone = 1; gone < n; gone++) {
            int least = -1;
            double score = Double.POSITIVE_INFINITY;
            for (int t = 0; t < n; t++) {
                double s = isGone[t] ? Double.POSITIVE_INFINITY : w[t] * w[t] / p[t][t];
                if (s < score) {
                    score = s;
                    least = t;
                }
            }
            if (least < 0) {
                throw new CompressionException(
                        "trees", "scores that are no finite numbers", "finite numbers", "check the samples");
            }
            remove(least, w, p, isGone);
            factors[gone] = w.clone();
        }
    }

    private static void remove(int gone, double[] w, double[][] p, boolean[] isGone) {
        double step = w[gone] / p[gone][gone];
        double[] row = p[gone].clone();
        double diagonal = row[gone];
        isGone[gone] = true;
        for (int t = 0; t < w.length; t++) {
            if (isGone[t]) {
                w[t] = 0;
                continue;
            }
            w[t] -= step * row[t];
            double f = row[t] / diagonal;
            for (int s = 0; s < w.length; s++) {
                p[t][s] -= f * row[s];
            }
        }
    }

    private static double[][] inverse(double[][] moments) {
        int n = moments.length;
        double trace = 0;
        for (int t = 0; t < n; t++) {
            trace += moments[t][t];
        }
        double damping = trace > 0 ? DAMPING * trace / n : 1;
        double[] flat = new double[n * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(moments[i], 0, flat, i * n, n);
        }
        double[] inverse = Dense.inverse(Dense.damped(flat, n, damping), n);
        if (inverse == null) {
            throw new CompressionException(
                    "trees", "moments that are not positive definite", "finite scores", "check the samples");
        }
        double[][] rows = new double[n][n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(inverse, i * n, rows[i], 0, n);
        }
        return rows;
    }

    /** The factor of each tree after some are dropped: 0 for those that are gone. */
    double[] factors(int gone) {
        return factors[gone].clone();
    }
}
