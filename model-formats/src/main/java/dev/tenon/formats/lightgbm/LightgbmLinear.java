package dev.tenon.formats.lightgbm;

import dev.tenon.formats.ModelSource;
import dev.tenon.formats.trees.RowGraph;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.IsNaN;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Or;
import dev.tenon.op.math.Where;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.tabular.model.ForestBuilder;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * Makes the margins of trees with linear functions in their leaves. The trees give the number of the leaf that a row reaches;
 * tables give its constant, its coefficients and their features; these are multiplied and added one after the other as
 * LightGBM does. A row that lacks a feature of its leaf gets the leaf's weight.
 */
final class LightgbmLinear {
    private final ModelSource source;
    private final RowGraph graph;
    private final LightgbmModel model;

    LightgbmLinear(ModelSource source, RowGraph graph, LightgbmModel model) {
        this.source = source;
        this.graph = graph;
        this.model = model;
    }

    Value margins() {
        int count = model.trees.size();
        ForestBuilder trees = RowGraph.forest(source);
        LightgbmForest forest = new LightgbmForest(trees);
        int leaves = 0;
        int most = 0;
        for (int t = 0; t < count; t++) {
            LightgbmTree tree = model.trees.get(t);
            double[] numbers = new double[tree.leaves];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = leaves + (double) i;
            }
            forest.add(tree, t, numbers);
            leaves = Math.addExact(leaves, tree.leaves);
            if (tree.linear) {
                most = Math.max(
                        most, (int) Arrays.stream(tree.coefficientCounts).max().orElse(0));
            }
        }
        if ((long) leaves * Math.max(1, most) > source.limits().maxRecords()) {
            throw RowGraph.tooMany(
                    source,
                    leaves + " leaves of " + most + " coefficients",
                    source.limits().maxRecords());
        }
        Value found = graph.trees(trees, count, DType.FLOAT64, graph.wholeCategories(true));
        Value leaf = graph.add(new Cast(DType.INT64), found);
        Value outputs = outputs(leaf, leaves, most);
        return sums(outputs, count);
    }

    /** The result of each tree for each row, [N,trees]. */
    private Value outputs(Value leaf, int leaves, int most) {
        double[] constants = new double[leaves];
        double[] weights = new double[leaves];
        double[][] coefficients = new double[most][leaves];
        long[][] features = new long[most][leaves];
        for (long[] places : features) {
            // A column of zeros stands for no feature.
            Arrays.fill(places, model.columns);
        }
        int at = 0;
        for (LightgbmTree tree : model.trees) {
            int next = 0;
            for (int i = 0; i < tree.leaves; i++, at++) {
                weights[at] = tree.leafValues[i];
                constants[at] = tree.linear ? tree.constants[i] : tree.leafValues[i];
                for (int c = 0; tree.linear && c < tree.coefficientCounts[i]; c++, next++) {
                    coefficients[c][at] = tree.coefficients[next];
                    features[c][at] = tree.coefficientFeatures[next];
                }
            }
        }
        Value sum = table(Tensor.of(constants, leaves), leaf);
        if (most == 0) {
            return sum;
        }
        Value padded = graph.add(
                new Pad(Pad.Mode.CONSTANT), graph.rows(), graph.constant(Tensor.of(new long[] {0, 0, 0, 1}, 4)));
        Value missing = null;
        for (int c = 0; c < most; c++) {
            Value feature = table(Tensor.of(features[c], leaves), leaf);
            Value x = graph.add(new GatherElements(1), padded, feature);
            sum = graph.add(new Add(), sum, graph.add(new Mul(), table(Tensor.of(coefficients[c], leaves), leaf), x));
            Value isMissing = graph.add(new IsNaN(), x);
            missing = missing == null ? isMissing : graph.add(new Or(), missing, isMissing);
        }
        return graph.add(new Where(), missing, table(Tensor.of(weights, leaves), leaf), sum);
    }

    private Value table(Tensor values, Value leaf) {
        return graph.add(new Gather(0), graph.constant(values), leaf);
    }

    /** The sums over the trees of each output, in their order. */
    private Value sums(Value outputs, int count) {
        long rounds = count / model.outputs;
        long[] shape = {0, rounds, model.outputs};
        Value parts = graph.add(new Reshape(false), outputs, graph.constant(Tensor.of(shape, 3)));
        Value running = graph.add(new CumSum(false, false), parts, graph.constant(Tensor.scalar(1L)));
        return graph.add(new Gather(1), running, graph.constant(Tensor.scalar(rounds - 1)));
    }
}
