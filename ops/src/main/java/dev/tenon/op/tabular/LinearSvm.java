package dev.tenon.op.tabular;

import dev.tenon.op.tabular.model.RowModel;

/**
 * The score of a row by {@link SVMClassifier} without support vectors. With two classes, the label is the second class
 * if one of the scores is above 0, or, if no coefficient is negative, at least one half. ONNX Runtime does the same.
 */
final class LinearSvm implements RowModel {
    private static final double HALF = 0.5;

    private final SVMClassifier op;
    private final int classes;
    private final boolean positive;

    LinearSvm(SVMClassifier op) {
        this.op = op;
        this.classes = op.labels().size();
        this.positive = op.coefficients().stream().allMatch(c -> c >= 0);
    }

    @Override
    public int features() {
        return op.coefficients().size() / classes;
    }

    @Override
    public int vectors() {
        return classes;
    }

    @Override
    public double component(int vector, int feature) {
        return op.coefficients().get(vector * features() + feature);
    }

    @Override
    public boolean distances() {
        return false;
    }

    @Override
    public int results() {
        return classes;
    }

    @Override
    public int workSize() {
        return 0;
    }

    @Override
    public int finish(double[] products, double[] work, double[] results) {
        int best = 0;
        for (int k = 0; k < classes; k++) {
            results[k] = (float) (products[k] + op.rho().getFirst());
            best = results[k] > results[best] ? k : best;
        }
        double most = results[best];
        op.transform().apply(results);
        boolean second = classes == 2 && op.probA().isEmpty() && (positive ? most >= HALF : most > 0);
        return second ? 1 : best;
    }
}
