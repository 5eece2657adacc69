package dev.tenon.op.tabular;

import dev.tenon.op.Operands;
import dev.tenon.op.tabular.model.SupportVectorModel;

/** The score of a row by {@link SVMClassifier} with support vectors. */
final class SupportVectors implements SupportVectorModel {
    private static final double LEAST = 1e-7f;

    private final SVMClassifier op;
    private final int classes;
    private final int pairs;
    private final int[] starts;
    private final int features;
    private final boolean probabilities;
    private final double[] coefficients;

    SupportVectors(SVMClassifier op) {
        this.op = op;
        this.classes = op.labels().size();
        this.pairs = classes * (classes - 1) / 2;
        this.starts = new int[classes + 1];
        for (int k = 0; k < classes; k++) {
            starts[k + 1] = starts[k] + (int) (long) op.vectorsPerClass().get(k);
        }
        this.features = op.supportVectors().size() / vectors();
        this.probabilities = !op.probA().isEmpty();
        this.coefficients =
                op.coefficients().stream().mapToDouble(Float::doubleValue).toArray();
    }

    @Override
    public int features() {
        return features;
    }

    @Override
    public int vectors() {
        return starts[classes];
    }

    @Override
    public double component(int vector, int feature) {
        return op.supportVectors().get(vector * features + feature);
    }

    @Override
    public boolean distances() {
        return op.kernel().type() == SvmKernel.Type.RBF;
    }

    @Override
    public Function function() {
        return op.kernel().function();
    }

    @Override
    public double gamma() {
        return op.kernel().gamma();
    }

    @Override
    public double offset() {
        return op.kernel().offset();
    }

    @Override
    public double degree() {
        return op.kernel().degree();
    }

    @Override
    public int sums() {
        return pairs;
    }

    @Override
    public double coefficient(int vector, int sum) {
        int own = 0;
        while (vector >= starts[own + 1]) {
            own++;
        }
        int pair = sum;
        int i = 0;
        for (; pair >= classes - 1 - i; i++) {
            pair -= classes - 1 - i;
        }
        int j = i + 1 + pair;
        int row = own == i ? j - 1 : own == j ? i : -1;
        return row < 0 ? 0 : coefficients[row * vectors() + vector];
    }

    @Override
    public int results() {
        return probabilities || classes == 2 ? classes : pairs;
    }

    @Override
    public int workSize() {
        int votesAndDecisions = classes + pairs;
        return probabilities
                ? votesAndDecisions + classes * classes + PairwiseProbabilities.workSize(classes)
                : votesAndDecisions;
    }

    @Override
    public int finish(double[] products, double[] work, double[] results) {
        for (int v = 0; v < products.length; v++) {
            products[v] = op.kernel().apply(products[v]);
        }
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            Operands.work(classes + vectors());
            for (int j = i + 1; j < classes; j++) {
                work[classes + pair++] = sum(products, i, j - 1) + sum(products, j, i);
            }
        }
        return decide(work, classes, work, results);
    }

    @Override
    public int decide(double[] sums, double[] work, double[] results) {
        return decide(sums, 0, work, results);
    }

    private int decide(double[] sums, int at, double[] work, double[] results) {
        for (int k = 0; k < classes; k++) {
            work[k] = 0;
        }
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++) {
                double d = sums[at + pair] + op.rho().get(pair);
                work[d > 0 ? i : j]++;
                work[classes + pair++] = d;
            }
        }
        if (probabilities) {
            couple(work, results);
            op.transform().apply(results);
        } else {
            decisions(work, results);
        }
        int best = 0;
        for (int k = 1; k < classes; k++) {
            best = work[k] > work[best] ? k : best;
        }
        return best;
    }

    /** The contribution of a class's vectors to a decision, by a row of coefficients. */
    private double sum(double[] values, int k, int row) {
        double sum = 0;
        for (int v = starts[k]; v < starts[k + 1]; v++) {
            sum += values[v] * coefficients[row * vectors() + v];
        }
        return sum;
    }

    private void decisions(double[] work, double[] results) {
        if (classes > 2) {
            System.arraycopy(work, classes, results, 0, pairs);
            op.transform().apply(results);
            return;
        }
        double d = work[classes];
        boolean logistic = op.transform() == PostTransform.LOGISTIC;
        results[0] = logistic || op.transform() == PostTransform.NONE ? -d : 1 - d;
        results[1] = d;
        if (logistic || op.transform() == PostTransform.PROBIT) {
            op.transform().apply(results);
        }
    }

    private void couple(double[] work, double[] results) {
        int at = classes + pairs;
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++) {
                double d = work[classes + pair];
                double p = 1
                        - PostTransform.logistic(
                                d * op.probA().get(pair) + op.probB().get(pair));
                double bounded = Math.clamp(p, LEAST, 1 - LEAST);
                work[at + i * classes + j] = bounded;
                work[at + j * classes + i] = 1 - bounded;
                pair++;
            }
        }
        PairwiseProbabilities.couple(classes, work, at, work, at + classes * classes, results);
    }
}
