package dev.tenon.op.tabular;

import dev.tenon.budget.WorkBudget;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Consumer;

/** The scores of a row, by following each tree node by node. */
final class TreeScores {
    private TreeScores() {}

    /** Whether sums are double: if the features or the trees are. */
    static boolean wide(Forest f, DType x) {
        return f.wide() || x == DType.FLOAT64;
    }

    /** The score of each target after all trees, before {@link Aggregate#finish}. */
    static double[] raw(Forest f, Aggregate aggregate, Tensor x, long row) {
        boolean wide = wide(f, x.dtype());
        double[] scores = new double[f.targets()];
        Arrays.fill(scores, aggregate.start());
        long start = row * ExampleRows.features(x);
        for (int t = 0; t < f.trees(); t++) {
            int at = f.root(t);
            while (at >= 0) {
                double v = x.getDouble(start + f.feature(at));
                // Integers are compared as floats.
                at = f.child(at, x.dtype() == DType.FLOAT64 ? v : (float) v);
            }
            WorkBudget.spend(1 + f.leafStart(~at + 1) - f.leafStart(~at));
            for (int w = f.leafStart(~at); w < f.leafStart(~at + 1); w++) {
                int target = f.target(w);
                double weight = wide ? f.weight(w) : (float) f.weight(w);
                scores[target] = aggregate.add(scores[target], weight, wide);
            }
        }
        return scores;
    }

    /** The results of all rows. */
    static Tensor results(Forest f, Aggregate aggregate, Consumer<double[]> finish, Tensor x, DType type) {
        long rows = ExampleRows.count(x);
        int n = f.targets();
        Tensor y = Tensor.allocate(type, rows, n);
        for (long r = 0; r < rows; r++) {
            double[] scores = raw(f, aggregate, x, r);
            finish.accept(scores);
            for (int k = 0; k < n; k++) {
                y.setDouble(r * n + k, scores[k]);
            }
        }
        return y;
    }
}
