package dev.tenon.compression.prune;

import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.prune.LayerSolver.Solution;

/**
 * Least squares for a layer that a {@link Saturation} follows: an output beyond a bound need only stay beyond it. The error is
 * convex in the weights. It is made less by turns: targets from the outputs, and weights from the targets by least squares,
 * whose matrix stays the same (as in Zhang, Zou, He, Sun, "Accelerating very deep convolutional networks", 2016). The turn
 * with the least error on the rows that are held out is taken.
 */
final class SaturatedFit {
    private static final int TURNS = 12;
    private static final int CHUNK = 512;

    private final SampledRows rows;
    private final Saturation saturation;
    private final int first;
    private final int terms;
    private final int outputs;

    /** The sums of the targets, and of the products of targets and inputs, of one turn. */
    private double[] yx;

    private double[] y;

    /** The errors of the rows that are fitted and of those that are held out. */
    private double[] errors;

    /**
     * A fit.
     *
     * @param rows the rows of a group
     * @param saturation the function that follows
     * @param first the index of the group's first output
     * @param terms the terms
     * @param outputs the outputs of the group
     */
    SaturatedFit(SampledRows rows, Saturation saturation, int first, int terms, int outputs) {
        this.rows = rows;
        this.saturation = saturation;
        this.first = first;
        this.terms = terms;
        this.outputs = outputs;
    }

    /**
     * Makes weights better.
     *
     * @param start the weights to start from
     * @param anchor the weights that the result is held near
     * @param moments the sums of all rows
     * @param share how strongly, as a share of the mean of the diagonal of the second moments
     * @return the weights and the bias
     */
    Solution improve(double[] start, double[] anchor, LeastSquaresSums moments, double share) {
        double[] xx = moments.xx(true);
        double lambda = share * Dense.meanDiagonal(xx, terms);
        double[] inverse = Dense.inverse(Dense.damped(xx, terms, lambda), terms);
        double[] x = moments.meanX();
        Solution now = new Solution(start, bias(start, moments.meanY(), x));
        if (inverse == null) {
            return now;
        }
        Solution best = now;
        double least = Double.POSITIVE_INFINITY;
        for (int turn = 0; turn <= TURNS; turn++) {
            turn(now);
            if (errors[0] + errors[1] < least) {
                least = errors[0] + errors[1];
                best = now;
            } else {
                break;
            }
            double[] right = new double[yx.length];
            double[] mean = new double[outputs];
            for (int o = 0; o < outputs; o++) {
                mean[o] = y[o] / rows.count();
                for (int i = 0; i < terms; i++) {
                    right[o * terms + i] = yx[o * terms + i] - y[o] * x[i] + lambda * anchor[o * terms + i];
                }
            }
            double[] weights = Dense.product(right, inverse, outputs, terms, terms);
            now = new Solution(weights, bias(weights, mean, x));
        }
        return best;
    }

    private double[] bias(double[] weights, double[] y, double[] x) {
        double[] bias = y.clone();
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < terms; i++) {
                bias[o] -= weights[o * terms + i] * x[i];
            }
        }
        return bias;
    }

    /** Sums up the targets for weights, and their errors. */
    private void turn(Solution now) {
        yx = new double[outputs * terms];
        y = new double[outputs];
        errors = new double[2];
        double[] transposed = Dense.transposed(now.weights(), outputs, terms);
        for (int from = 0; from < rows.count(); from += CHUNK) {
            int to = Math.min(rows.count(), from + CHUNK);
            double[] x = rows.x(from, to);
            double[] wanted = rows.y(from, to);
            double[] found = Dense.product(x, transposed, to - from, terms, outputs);
            for (int r = 0; r < to - from; r++) {
                for (int o = 0; o < outputs; o++) {
                    double f = found[r * outputs + o] + now.bias()[o];
                    double target = saturation.target(first + o, wanted[r * outputs + o], f);
                    double weight = saturation.scale()[first + o];
                    errors[rows.isHeldOut(from + r) ? 1 : 0] += weight * weight * (target - f) * (target - f);
                    wanted[r * outputs + o] = target;
                    y[o] += target;
                }
            }
            double[] products =
                    Dense.product(Dense.transposed(wanted, to - from, outputs), x, outputs, to - from, terms);
            for (int i = 0; i < yx.length; i++) {
                yx[i] += products[i];
            }
        }
    }
}
