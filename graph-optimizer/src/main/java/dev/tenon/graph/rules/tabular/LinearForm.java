package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Products of a row with some vectors, and a number that is added to each. The numbers are kept in double and rounded to float32
 * once. The product is no {@code MatMul}, since a Scaler before it must stay: the mean of a column may be so much greater than
 * its deviation that a product with what is not yet scaled would have no correct digits.
 */
final class LinearForm {
    private final int features;
    private final double[][] vectors;
    final double[] addends;

    LinearForm(int count, int features) {
        this.features = features;
        this.vectors = new double[count][features];
        this.addends = new double[count];
    }

    /** Takes a vector from a matrix whose rows are the vectors. */
    void setRow(int vector, List<Float> matrix) {
        for (int f = 0; f < features; f++) {
            vectors[vector][f] = matrix.get(vector * features + f);
        }
    }

    /** Adds a multiple of some numbers to a vector. */
    void addRow(int vector, List<Float> row, double factor) {
        for (int f = 0; f < features; f++) {
            vectors[vector][f] += factor * row.get(f);
        }
    }

    /** The negated product and the product, of a form with one vector. */
    LinearForm withNegated() {
        LinearForm both = new LinearForm(2, features);
        both.vectors[0] = Arrays.stream(vectors[0]).map(v -> -v).toArray();
        both.vectors[1] = vectors[0];
        both.addends[0] = -addends[0];
        both.addends[1] = addends[0];
        return both;
    }

    Value applied(Emitter to, Value x) {
        float[] all = new float[vectors.length * features];
        for (int v = 0; v < vectors.length; v++) {
            for (int f = 0; f < features; f++) {
                all[v * features + f] = (float) vectors[v][f];
            }
        }
        Value product = to.add(new TransposedMatMul(), x, to.constant(Tensor.of(all, vectors.length, features)));
        return Arrays.stream(addends).allMatch(a -> a == 0) ? product : to.add(new Add(), product, row(to, addends));
    }

    private static Value row(Emitter to, double... numbers) {
        float[] row = new float[numbers.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) numbers[i];
        }
        return to.constant(Tensor.of(row, row.length));
    }

    /** The scores to show. A single one is not transformed. */
    Value transformed(Emitter to, Value z, PostTransform transform) {
        if (vectors.length == 1 || transform == PostTransform.NONE) {
            return z;
        }
        return transform == PostTransform.LOGISTIC ? to.add(new Sigmoid(), z) : to.add(new Softmax(1), z);
    }

    /**
     * The scores to show of two classes that have one decision.
     *
     * @param z the negated decision and the decision
     * @param complement whether the score of the first class is 1 - d for a decision d, unless it is transformed
     */
    static Value transformedPair(Emitter to, Value z, PostTransform transform, boolean complement) {
        if (transform == PostTransform.LOGISTIC) {
            return to.add(new Sigmoid(), z);
        }
        return complement ? to.add(new Add(), z, row(to, 1, 0)) : z;
    }
}
