package dev.tenon.compression.prune;

import dev.tenon.compression.algebra.Dense;

/**
 * Weights with the least squared error for the inputs that a layer gets, held near given weights:
 * {@code W' = (sum y x^T + lambda W) (sum x x^T + lambda I)^-1}. With y = W x0 for the inputs x0 of the model before pruning
 * this is {@code W H[:, S] (H[S, S] + lambda I)^-1}, but for lambda W, which holds weights that the samples say nothing
 * about. Lambda is a share of the mean of the diagonal of the second moments: the one of five for which the samples that
 * are held out have the least error.
 */
final class LeastSquares implements LayerSolver {
    private static final double[] SHARES = {1e-4, 1e-3, 1e-2, 1e-1, 1};
    private static final double STANDARD = 1e-2;

    /** The held-out rows that a choice needs. */
    private static final int ROWS = 16;

    /** The rows for each term that a fit to what follows the layer needs. */
    private static final int ROWS_OF_TERM = 8;

    @Override
    public Solution solve(double[] weights, RowSums sums, int group, boolean isCentred) {
        LeastSquaresSums fitted = sums.fitted(group);
        LeastSquaresSums heldOut = sums.heldOut(group);
        double best = STANDARD;
        if (heldOut.rows() >= ROWS && fitted.rows() >= ROWS) {
            double least = Double.POSITIVE_INFINITY;
            for (double share : SHARES) {
                double[] w = fit(weights, fitted, share, isCentred);
                double error = w == null ? Double.POSITIVE_INFINITY : error(w, fitted, heldOut, isCentred);
                if (error < least) {
                    least = error;
                    best = share;
                }
            }
            if (error(weights, fitted, heldOut, isCentred) <= least) {
                return new Solution(weights, null);
            }
        }
        LeastSquaresSums all = sums.all(group);
        double[] w = fit(weights, all, best, isCentred);
        if (w == null) {
            return new Solution(weights, null);
        }
        SampledRows rows = sums.rows(group);
        if (!isCentred || rows == null || all.rows() < (long) ROWS_OF_TERM * all.terms()) {
            return new Solution(w, null);
        }
        int outputs = all.outputs();
        return new SaturatedFit(rows, sums.saturation(), group * outputs, all.terms(), outputs)
                .improve(w, weights, all, best);
    }

    /** The error on the rows that are held out, with the bias that fits the others. */
    private static double error(double[] w, LeastSquaresSums fitted, LeastSquaresSums heldOut, boolean isCentred) {
        double error = heldOut.error(w, isCentred);
        if (!isCentred) {
            return error;
        }
        int terms = fitted.terms();
        double[] x = heldOut.meanX();
        double[] fittedX = fitted.meanX();
        double[] y = heldOut.meanY();
        double[] fittedY = fitted.meanY();
        for (int o = 0; o < fitted.outputs(); o++) {
            double shift = y[o] - fittedY[o];
            for (int i = 0; i < terms; i++) {
                shift -= w[o * terms + i] * (x[i] - fittedX[i]);
            }
            error += shift * shift * heldOut.rows();
        }
        return error;
    }

    /**
     * Fits weights.
     *
     * @param weights the weights that they are held near, [outputs, terms]
     * @param moments the sums
     * @param share lambda as a share of the mean of the diagonal
     * @param isCentred whether there is a bias
     * @return the weights, or null if the system can't be solved
     */
    static double[] fit(double[] weights, LeastSquaresSums moments, double share, boolean isCentred) {
        int terms = moments.terms();
        double[] xx = moments.xx(isCentred);
        double mean = Dense.meanDiagonal(xx, terms);
        double lambda = mean > 0 ? share * mean : 1;
        double[] right = moments.yx(isCentred);
        for (int i = 0; i < right.length; i++) {
            right[i] += lambda * weights[i];
        }
        double[] transposed = Dense.transposed(right, moments.outputs(), terms);
        double[] x = Dense.solve(Dense.damped(xx, terms, lambda), terms, transposed, moments.outputs());
        return x == null ? null : Dense.transposed(x, terms, moments.outputs());
    }
}
