package dev.tenon.op.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.util.List;

/** How trees for regression make results out of what the weights of a row came to. */
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
     * @param aggregate what becomes of the weights
     * @param base the base values, none or one for each target
     * @param transform what becomes of the results
     * @param wide whether sums are double
     */
    public TargetScores(Forest f, Aggregate aggregate, List<Double> base, PostTransform transform, boolean wide) {
        this.aggregate = aggregate;
        this.trees = f.trees();
        this.base = base.stream().mapToDouble(Double::doubleValue).toArray();
        this.transform = transform;
        this.wide = wide;
    }

    /**
     * Finishes a row.
     *
     * @param scores for each target what the weights came to, starting from {@link Aggregate#start}; replaced by the
     *     results
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
