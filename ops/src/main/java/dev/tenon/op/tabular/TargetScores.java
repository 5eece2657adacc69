package dev.tenon.op.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.util.List;

/** Makes the results of trees for regression from the scores of a row. */
final class TargetScores {
    private final Aggregate aggregate;
    private final int trees;
    private final double[] base;
    private final PostTransform transform;
    private final boolean wide;

    /**
     * The results of a model.
     *
     * @param f the trees
     * @param aggregate how weights are combined
     * @param base the base values, none or one for each target
     * @param transform the transformation of the results
     * @param wide whether sums are double
     */
    public TargetScores(Forest f, Aggregate aggregate, List<Double> base, PostTransform transform, boolean wide) {
        this.aggregate = aggregate;
        this.trees = f.trees();
        this.base = new double[base.size()];
        for (int k = 0; k < this.base.length; k++) {
            this.base[k] = base.get(k);
        }
        this.transform = transform;
        this.wide = wide;
    }

    /**
     * Finishes a row.
     *
     * @param scores the score of each target, which began with {@link Aggregate#start}; replaced by the results
     */
    public void finish(double[] scores) {
        for (int k = 0; k < scores.length; k++) {
            double s = aggregate.finish(scores[k], trees, wide);
            if (k < base.length) {
                s = wide ? s + base[k] : (float) (s + (float) base[k]);
            }
            scores[k] = s;
        }
        transform.apply(scores);
    }
}
