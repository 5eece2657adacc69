package dev.tenon.compression.prune;

import dev.tenon.compression.algebra.Dense;

/**
 * Removes weights of a layer and corrects those that stay. The error is {@code ||Y - W' X||^2 + lambda ||W' - W||^2}, with
 * the inputs X that the pruned model computes, the outputs Y of the model before, and lambda a share of the mean of the
 * diagonal of {@code X X^T}. Weights of an input that never changes go first, since the bias makes up for them.
 */
final class SecondOrder implements LayerSolver {
    /** The most multiply-adds of the exact choice. */
    private static final double EXACT_WORK = 1.5e10;

    /** The second moment of an input that never changes, as a share of the mean. */
    private static final double DEAD = 1e-9;

    private final MaskRule rule;
    private final double damping;

    /**
     * A solver.
     *
     * @param rule how many weights become 0
     * @param damping lambda as a share of the mean of the diagonal, above 0
     */
    SecondOrder(MaskRule rule, double damping) {
        this.rule = rule;
        this.damping = damping;
    }

    @Override
    public Solution solve(double[] weights, RowSums sums, int group, boolean isCentred) {
        LeastSquaresSums moments = sums.all(group);
        int terms = moments.terms();
        double[] xx = moments.xx(isCentred);
        double mean = Dense.meanDiagonal(xx, terms);
        double[] a = Dense.damped(xx, terms, mean > 0 ? damping * mean : 1);
        double[] target = LeastSquares.fit(weights, moments, damping, isCentred);
        double[] inverse = Dense.inverse(a, terms);
        if (target == null || inverse == null) {
            return new Solution(magnitude(weights, terms), null);
        }
        double[] start = withoutDead(target, xx, terms, mean);
        boolean[] pruned;
        if (ObsMask.work(moments.outputs(), terms) <= EXACT_WORK) {
            pruned = new ObsMask(rule, inverse, terms).mask(start);
            for (int i = 0; i < start.length; i++) {
                start[i] = pruned[i] ? 0 : target[i];
            }
        } else {
            pruned = new BlockMask(rule, inverse, terms).mask(start);
        }
        return new Solution(SupportFit.fit(target, start, pruned, a, terms), null);
    }

    /** The weights with 0 for inputs that never change. */
    private static double[] withoutDead(double[] weights, double[] xx, int terms, double mean) {
        double[] live = weights.clone();
        for (int i = 0; i < live.length; i++) {
            int j = i % terms;
            live[i] = xx[j * terms + j] <= DEAD * mean ? 0 : live[i];
        }
        return live;
    }

    /** The weights without the smallest ones, for inputs whose moments are not finite. */
    private double[] magnitude(double[] weights, int terms) {
        double[] scores = new double[weights.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.abs(weights[i]);
        }
        boolean[] pruned = rule.mask(scores, terms, false);
        double[] left = weights.clone();
        for (int i = 0; i < left.length; i++) {
            left[i] = pruned[i] ? 0 : left[i];
        }
        return left;
    }
}
