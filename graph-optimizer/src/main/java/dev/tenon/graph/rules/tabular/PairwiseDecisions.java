package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * The decisions of a classifier by support vectors, one for each pair of classes: those of the first class and all others, then
 * those of the second class and the classes after it, and so on. A decision above 0 is a vote for the first class of the pair,
 * any other for the second.
 */
final class PairwiseDecisions {
    private final SVMClassifier op;
    private final int classes;
    private final int[] starts;

    PairwiseDecisions(SVMClassifier op) {
        this.op = op;
        this.classes = op.labels().size();
        this.starts = new int[classes + 1];
        for (int k = 0; k < classes; k++) {
            starts[k + 1] = starts[k] + (int) (long) op.vectorsPerClass().get(k);
        }
    }

    private int vectors() {
        return starts[classes];
    }

    int features() {
        return op.supportVectors().size() / vectors();
    }

    private int pairs() {
        return classes * (classes - 1) / 2;
    }

    /** Whether a vector for each decision is less work than all support vectors. */
    boolean pays() {
        return pairs() <= 2 * vectors();
    }

    /** The decisions, if the kernel function is linear. */
    LinearForm form() {
        LinearForm form = new LinearForm(pairs(), features());
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++) {
                add(form, pair, i, j - 1);
                add(form, pair, j, i);
                form.addends[pair] = op.rho().get(pair);
                pair++;
            }
        }
        return form;
    }

    /** Adds the vectors of a class, by a row of coefficients. */
    private void add(LinearForm form, int pair, int k, int row) {
        for (int v = starts[k]; v < starts[k + 1]; v++) {
            List<Float> vector = op.supportVectors().subList(v * features(), (v + 1) * features());
            form.addRow(pair, vector, op.coefficients().get(row * vectors() + v));
        }
    }

    /**
     * The votes for each class.
     *
     * @param wins 1 for each decision above 0, and 0 for any other
     */
    Value votes(Emitter to, Value wins) {
        float[] weights = new float[pairs() * classes];
        float[] losses = new float[classes];
        int pair = 0;
        for (int i = 0; i < classes; i++) {
            for (int j = i + 1; j < classes; j++) {
                weights[pair * classes + i] = 1;
                weights[pair * classes + j] = -1;
                losses[j]++;
                pair++;
            }
        }
        Value won = to.add(new MatMul(), wins, to.constant(Tensor.of(weights, pairs(), classes)));
        return to.add(new Add(), won, to.constant(Tensor.of(losses, classes)));
    }
}
