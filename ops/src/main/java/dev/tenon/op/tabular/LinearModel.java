package dev.tenon.op.tabular;

import dev.tenon.op.tabular.model.RowModel;
import java.util.List;

/**
 * A linear model: a vector of coefficients and perhaps an intercept for each target.
 *
 * @param coefficients the weights, a row for each target; there may be more
 * @param features the length of a row
 * @param intercepts one for each target; any other number means none
 * @param targets the number of targets
 * @param classes the number of classes of a classifier, 0 for a regression
 * @param transform the transformation of a row of results
 */
record LinearModel(
        List<Float> coefficients,
        int features,
        List<Float> intercepts,
        int targets,
        int classes,
        PostTransform transform)
        implements RowModel {
    @Override
    public int vectors() {
        return targets;
    }

    @Override
    public double component(int vector, int feature) {
        return coefficients.get(vector * features + feature);
    }

    @Override
    public boolean distances() {
        return false;
    }

    /** Whether one score stands for two classes. */
    private boolean binary() {
        return targets == 1 && classes == 2;
    }

    @Override
    public int results() {
        return binary() ? 2 : targets;
    }

    @Override
    public int workSize() {
        return 0;
    }

    @Override
    public int finish(double[] products, double[] work, double[] results) {
        int best = 0;
        for (int t = 0; t < targets; t++) {
            double sum = products[t] + (intercepts.size() == targets ? intercepts.get(t) : 0);
            // Labels are decided between scores as they are shown.
            results[t] = classes > 0 ? (float) sum : sum;
            best = results[t] > results[best] ? t : best;
        }
        if (targets > 1) {
            transform.apply(results);
            return best;
        }
        int label = results[0] > 0 ? 1 : 0;
        if (binary()) {
            results[1] = results[0];
            results[0] = transform == PostTransform.LOGISTIC ? -results[0] : 1 - (float) results[0];
        }
        if (!binary() || transform == PostTransform.LOGISTIC || transform == PostTransform.PROBIT) {
            transform.apply(results);
        }
        return label;
    }
}
