package dev.tenon.op.tabular;

import dev.tenon.op.tabular.model.Forest;
import java.util.List;

/**
 * Makes the label and the scores of TreeEnsembleClassifier from the sums of a row, as ONNX Runtime does.
 *
 * <p>With more than two classes, the label is the first class with the largest score, among the classes for which a
 * tree has a weight. With two classes that both have weights, the label is the second class if its score is above 0.
 * With two classes of which only the first has weights, these make the score s of the second class. If no weight is
 * negative, s is a probability: the label is decided at 0.5, and the scores are 1 - s and s. Otherwise the label is
 * decided at 0, and the scores are -s and s. LOGISTIC is applied to -s and s in both cases, PROBIT to the scores, and
 * the other transformations are not applied. With one class, there is one score, and the label is 1 if the score is
 * above 0.
 *
 * <p>Base values are added to the score of their class; a single base value is added to that of the first class.
 */
final class ClassDecision {
    private static final double HALF = 0.5;

    private final int classes;
    private final double[] base;
    private final PostTransform transform;
    private final boolean wide;
    private final boolean firstOnly;
    private final boolean oneOnly;
    private final boolean positive;

    /**
     * The decision of a model.
     *
     * @param f the trees
     * @param base the base values
     * @param transform the transformation of the scores
     * @param wide whether sums are double
     */
    public ClassDecision(Forest f, List<Double> base, PostTransform transform, boolean wide) {
        this.classes = f.targets();
        this.base = base.stream().mapToDouble(Double::doubleValue).toArray();
        this.transform = transform;
        this.wide = wide;
        boolean noNegative = true;
        boolean first = false;
        boolean other = false;
        for (int w = 0; w < f.weights(); w++) {
            noNegative &= !(f.weight(w) < 0);
            first |= f.target(w) == 0;
            other |= f.target(w) != 0;
        }
        this.positive = noNegative;
        this.firstOnly = classes == 2 && !other;
        this.oneOnly = classes == 2 && !(first && other);
    }

    /**
     * Decides a row.
     *
     * @param scores the score of each class, which began with {@link Aggregate#start} of a sum; replaced by the scores
     *     to show
     * @return the index of the label: among the classes, or among {@link Labels#binary} for a single class
     */
    public int decide(double[] scores) {
        if (classes > 2) {
            return decideMany(scores);
        }
        return classes == 2 ? decideTwo(scores) : decideOne(scores);
    }

    private double plusBase(double score, int k) {
        double s = score + 0.0;
        if (k >= base.length) {
            return s;
        }
        return wide ? s + base[k] : (float) (s + (float) base[k]);
    }

    private int decideMany(double[] scores) {
        int best = -1;
        for (int k = 0; k < classes; k++) {
            boolean seen = base.length > 0 || !Aggregate.SUM.isUnseen(scores[k]);
            scores[k] = plusBase(scores[k], k);
            if (seen && (best < 0 || scores[k] > scores[best])) {
                best = k;
            }
        }
        transform.apply(scores);
        return Math.max(best, 0);
    }

    private int decideTwo(double[] scores) {
        scores[0] = plusBase(scores[0], 0);
        scores[1] = plusBase(scores[1], 1);
        if (firstOnly) {
            return decideComplement(scores);
        }
        int label = scores[1] > (oneOnly && positive ? HALF : 0) ? 1 : 0;
        transform.apply(scores);
        return label;
    }

    private int decideComplement(double[] scores) {
        double s = scores[0];
        scores[1] = s;
        boolean logistic = transform == PostTransform.LOGISTIC;
        scores[0] = logistic || !positive ? -s : wide ? 1 - s : 1 - (float) s;
        if (logistic || transform == PostTransform.PROBIT) {
            transform.apply(scores);
        }
        return s > (positive ? HALF : 0) ? 1 : 0;
    }

    private int decideOne(double[] scores) {
        scores[0] = plusBase(scores[0], 0);
        int label = scores[0] > 0 ? 1 : 0;
        transform.apply(scores);
        return label;
    }
}
