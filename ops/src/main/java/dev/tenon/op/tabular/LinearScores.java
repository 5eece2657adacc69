package dev.tenon.op.tabular;

import dev.tenon.tensor.Tensor;
import java.util.List;

/** The scores of a linear model. */
final class LinearScores {
    private LinearScores() {}

    /** The scores of a row: products with each target's coefficients, and its intercept if there is one for each. */
    static double[] of(Tensor x, long row, List<Float> coefficients, List<Float> intercepts, int targets) {
        int features = coefficients.size() / targets;
        double[] scores = new double[targets];
        for (int t = 0; t < targets; t++) {
            double sum = intercepts.size() == targets ? intercepts.get(t) : 0;
            for (int f = 0; f < features; f++) {
                sum += x.getDouble(row * features + f) * coefficients.get(t * features + f);
            }
            scores[t] = sum;
        }
        return scores;
    }
}
