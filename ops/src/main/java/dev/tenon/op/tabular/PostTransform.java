package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;

/** A transformation of the scores of a row. */
public enum PostTransform {
    /** The scores are unchanged. */
    NONE,
    /** {@code exp(x) / sum(exp(x))}. */
    SOFTMAX,
    /** {@code 1 / (1 + exp(-x))}. */
    LOGISTIC,
    /** Softmax over the scores that are not zero; zeros are unchanged. */
    SOFTMAX_ZERO,
    /** The inverse of the normal distribution function, by Winitzki's approximation of the inverse error function. */
    PROBIT;

    /** The name of the attribute. */
    static final String ATTRIBUTE = "post_transform";

    private static final double NEXT_TO_ZERO = 0.0000001f;

    // S. Winitzki, A handy approximation for the error function and its inverse (2008). The standard's own
    // implementation uses this constant too, so that results agree to more digits than the approximation is precise.
    private static final double WINITZKI = 0.147;

    /**
     * The transformation that an operator's attributes name.
     *
     * @param a the attributes
     * @return the transformation, NONE if they name none
     * @throws InvalidOperandException if the name is none of these
     */
    public static PostTransform of(Attributes a) {
        String name = a.string(ATTRIBUTE, "NONE");
        for (PostTransform p : values()) {
            if (p.name().equals(name)) {
                return p;
            }
        }
        throw new InvalidOperandException(
                "attribute '" + ATTRIBUTE + "'", name, "NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT", null);
    }

    /**
     * Adds the attribute unless it is at its default.
     *
     * @param a attributes
     * @return the larger set
     */
    Attributes addTo(Attributes a) {
        return a.unless(ATTRIBUTE, name(), NONE.name());
    }

    /**
     * Transforms the scores of a row. A row of one score is changed by {@link #PROBIT} only, as in ONNX Runtime: a
     * single column is either a regression's result or the score of one of two classes.
     *
     * @param scores the scores, replaced
     */
    public void apply(double[] scores) {
        switch (this) {
            case NONE -> {}
            case PROBIT -> {
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = probit(scores[i]);
                }
            }
            case LOGISTIC -> {
                for (int i = 0; i < scores.length && scores.length > 1; i++) {
                    scores[i] = logistic(scores[i]);
                }
            }
            case SOFTMAX -> softmax(scores, -1);
            case SOFTMAX_ZERO -> softmax(scores, NEXT_TO_ZERO);
        }
    }

    private static void softmax(double[] scores, double zero) {
        if (scores.length <= 1) {
            return;
        }
        double max = Double.NEGATIVE_INFINITY;
        for (double s : scores) {
            max = s > max ? s : max;
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            boolean left = Math.abs(scores[i]) <= zero;
            scores[i] = left ? scores[i] * Math.exp(-max) : Math.exp(scores[i] - max);
            sum += left ? 0 : scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= sum;
        }
    }

    /**
     * The logistic function.
     *
     * @param x any number
     * @return {@code 1 / (1 + exp(-x))}
     */
    public static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /**
     * The inverse of the normal distribution function, approximately.
     *
     * @param p a number in (0, 1)
     * @return the quantile; an infinity at 0 and 1, NaN outside of [0, 1]
     */
    public static double probit(double p) {
        double x = 2 * p - 1;
        double log = Math.log((1 - x) * (1 + x));
        double v = 2 / (Math.PI * WINITZKI) + log / 2;
        double root = Math.sqrt(Math.sqrt(v * v - log / WINITZKI) - v);
        return Math.sqrt(2) * (x < 0 ? -root : root);
    }
}
