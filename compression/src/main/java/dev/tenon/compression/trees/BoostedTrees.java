package dev.tenon.compression.trees;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Trees that learn the outputs of a teacher by gradient boosting (Friedman, "Greedy Function Approximation: A Gradient Boosting
 * Machine", 2001). Each tree has all outputs in each leaf. For classes the loss is the cross-entropy of the teacher's probabilities,
 * otherwise half of the squared error.
 */
final class BoostedTrees {
    /** Below it a probability counts as this. */
    private static final double LEAST_PROBABILITY = 1e-6;

    private final BinnedColumns table;
    private final double[] taught;
    private final int outputs;
    private final boolean isOfClasses;

    /** The scores of all rows by what was learned so far. */
    private final double[] scores;

    private final double[] base;

    /**
     * Nothing learned yet but the mean.
     *
     * @param table the inputs
     * @param taught the outputs of the teacher, row by row
     * @param outputs how many outputs a row has
     * @param isOfClasses whether they are probabilities of classes
     */
    BoostedTrees(BinnedColumns table, double[] taught, int outputs, boolean isOfClasses) {
        this.table = table;
        this.taught = taught;
        this.outputs = outputs;
        this.isOfClasses = isOfClasses;
        this.scores = new double[taught.length];
        this.base = new double[outputs];
        for (int i = 0; i < taught.length; i++) {
            base[i % outputs] += taught[i];
        }
        for (int k = 0; k < outputs; k++) {
            double mean = base[k] / table.rows();
            base[k] = isOfClasses ? Math.log(Math.max(LEAST_PROBABILITY, mean)) : mean;
        }
        // Readers differ in the base of an output without weights, such as that of the first class: it is 0.
        double first = isOfClasses ? base[0] : 0;
        Arrays.setAll(base, k -> (float) (base[k] - first));
        Arrays.setAll(scores, i -> base[i % outputs]);
    }

    /** The scores before all trees: means, or logarithms of mean probabilities less that of the first class. */
    double[] base() {
        return base;
    }

    /**
     * Learns.
     *
     * @param count the number of trees
     * @param rate what weights of leaves are multiplied with
     * @param shape the shape of each tree
     * @param progress is told the number of each tree before it grows
     * @return the trees
     */
    TreeTable grow(int count, double rate, TreeGrowth.Shape shape, IntConsumer progress) {
        TreeTableBuilder trees = new TreeTableBuilder();
        TreeGrowth growth = new TreeGrowth(table, shape);
        double[] derivatives = new double[2 * scores.length];
        for (int tree = 0; tree < count; tree++) {
            progress.accept(tree);
            for (int row = 0; row < table.rows(); row++) {
                derive(row, derivatives);
            }
            growth.grow(derivatives, rate, scores, trees);
        }
        return trees.build();
    }

    /** The derivatives of the loss of a row by its scores. */
    private void derive(int row, double[] derivatives) {
        int from = row * outputs;
        double[] learned = new double[outputs];
        System.arraycopy(scores, from, learned, 0, outputs);
        if (isOfClasses) {
            softmax(learned);
        }
        for (int k = 0; k < outputs; k++) {
            derivatives[2 * from + k] = learned[k] - taught[from + k];
            derivatives[2 * from + outputs + k] =
                    isOfClasses ? Math.max(LEAST_PROBABILITY, learned[k] * (1 - learned[k])) : 1;
        }
    }

    private static void softmax(double[] scores) {
        double max = Arrays.stream(scores).max().orElseThrow();
        double sum = 0;
        for (int k = 0; k < scores.length; k++) {
            scores[k] = StrictMath.exp(scores[k] - max);
            sum += scores[k];
        }
        for (int k = 0; k < scores.length; k++) {
            scores[k] /= sum;
        }
    }
}
