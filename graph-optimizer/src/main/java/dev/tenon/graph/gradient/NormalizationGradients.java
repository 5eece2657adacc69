package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Pow;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Dropout;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LRN;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.LpNormalization;
import dev.tenon.op.nn.MeanVarianceNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceL1;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Gradients of normalisations. Those of rows have rules, those of channels are expanded. */
final class NormalizationGradients {
    private static final double MEAN_VARIANCE_EPSILON = 1e-9;

    private static final int MAX_CHANNELS = 1 << 11;

    private NormalizationGradients() {}

    static void addTo(GradientTable t) {
        // The Jacobian is diag(y) - y y'.
        t.rule(
                Softmax.class,
                (op, n) -> n.give(0, () -> {
                    Value weighted = n.mul(n.dy(), n.y());
                    int axis = NodeFormulas.axis(op.axis(), n.dims(0).length);
                    return n.sub(weighted, n.mul(n.y(), n.sum(weighted, axis)));
                }));
        t.rule(
                LogSoftmax.class,
                (op, n) -> n.give(0, () -> {
                    int axis = NodeFormulas.axis(op.axis(), n.dims(0).length);
                    return n.sub(n.dy(), n.mul(n.exp(n.y()), n.sum(n.dy(), axis)));
                }));
        t.rule(LayerNormalization.class, NormalizationGradients::layer);
        t.rule(RMSNormalization.class, NormalizationGradients::rootMeanSquare);
        t.expand(Dropout.class, NormalizationGradients::dropout);
        t.expand(BatchNormalization.class, NormalizationGradients::batch);
        t.expand(InstanceNormalization.class, (op, n) -> List.of(channels(n, n.dims(0)[1], op.epsilon())));
        t.expand(GroupNormalization.class, (op, n) -> List.of(channels(n, op.numGroups(), op.epsilon())));
        t.expand(MeanVarianceNormalization.class, (op, n) -> {
            int[] axes = op.axes().stream()
                    .mapToInt(a -> NodeFormulas.axis(a, n.dims(0).length))
                    .toArray();
            Value centred = n.sub(n.x(), n.mean(n.x(), axes));
            Value variance = n.mean(n.square(centred), axes);
            // The root has no slope at 0.
            Value varies = n.compare(new Greater(), variance, 0);
            Value root = n.sqrt(n.where(varies, variance, n.number(variance, 1)));
            Value deviation = n.add(n.masked(varies, root), MEAN_VARIANCE_EPSILON);
            return List.of(n.div(centred, deviation));
        });
        t.expand(LpNormalization.class, (op, n) -> {
            Value axes = n.integers((long) op.axis());
            Value norm = n.make(op.p() == 1 ? new ReduceL1(true, false) : new ReduceL2(true, false), n.x(), axes);
            // A row of zeros stays.
            return List.of(n.div(n.x(), n.where(n.compare(new Equal(), norm, 0), n.number(norm, 1), norm)));
        });
        t.expand(LRN.class, NormalizationGradients::local);
    }

    private static int[] axesFrom(long axis, int rank) {
        return IntStream.range(NodeFormulas.axis(axis, rank), rank).toArray();
    }

    /**
     * With {@code x^ = (x - mean) / deviation} and {@code g = dY scale}: {@code dX = (g - mean(g) - x^ mean(g x^)) /
     * deviation}; J. Ba et al., Layer Normalization (2016).
     */
    private static void layer(LayerNormalization op, NodeGradient n) {
        int[] axes = axesFrom(op.axis(), n.dims(0).length);
        Value centred = n.sub(n.x(), n.mean(n.x(), axes));
        Value inverse = n.div(1, n.sqrt(n.add(n.mean(n.square(centred), axes), op.epsilon())));
        Value normal = n.mul(centred, inverse);
        n.give(0, () -> {
            Value g = n.mul(n.dy(), n.in(1));
            Value projected = n.mul(normal, n.mean(n.mul(g, normal), axes));
            return n.mul(n.sub(n.sub(g, n.mean(g, axes)), projected), inverse);
        });
        n.give(1, () -> n.mul(n.dy(), normal));
        n.give(2, n::dy);
    }

    /** As {@link #layer}, without the mean; B. Zhang, R. Sennrich, Root Mean Square Layer Normalization (2019). */
    private static void rootMeanSquare(RMSNormalization op, NodeGradient n) {
        int[] axes = axesFrom(op.axis(), n.dims(0).length);
        Value inverse = n.div(1, n.sqrt(n.add(n.mean(n.square(n.x()), axes), op.epsilon())));
        Value normal = n.mul(n.x(), inverse);
        n.give(0, () -> {
            Value g = n.mul(n.dy(), n.in(1));
            return n.mul(n.sub(g, n.mul(normal, n.mean(n.mul(g, normal), axes))), inverse);
        });
        n.give(1, () -> n.mul(n.dy(), normal));
    }

    /** For inference it is the identity, and its mask is true everywhere. */
    private static List<Value> dropout(Dropout op, NodeFormulas n) {
        return n.results() == 1 ? List.of(n.x()) : List.of(n.x(), n.expand(n.constant(Tensor.scalar(true)), n.dims(0)));
    }

    /** A vector of channels, for broadcasting to the operand. */
    private static Value perChannel(NodeFormulas n, Value v) {
        long[] dims = new long[Math.max(1, n.dims(0).length - 1)];
        Arrays.fill(dims, 1);
        dims[0] = Formulas.dims(v)[0];
        return n.reshape(v, dims);
    }

    /** With frozen statistics it is an affine function of each channel. */
    private static List<Value> batch(BatchNormalization op, NodeFormulas n) {
        n.refuseIf(op.trainingMode(), "it uses the statistics of a batch");
        Value factor = n.div(n.in(1), n.sqrt(n.add(n.in(4), op.epsilon())));
        Value centred = n.sub(n.x(), perChannel(n, n.in(3)));
        return List.of(n.add(n.mul(centred, perChannel(n, factor)), perChannel(n, n.in(2))));
    }

    /** Each group of channels of a sample is normalised, and each channel scaled and shifted. */
    private static Value channels(NodeFormulas n, long groups, double epsilon) {
        long[] dims = n.dims(0);
        Value rows = n.reshape(n.x(), dims[0], groups, RowMajor.size(dims) / Math.max(1, dims[0] * groups));
        Value centred = n.sub(rows, n.mean(rows, 2));
        Value deviation = n.sqrt(n.add(n.mean(n.square(centred), 2), epsilon));
        Value normal = n.reshape(n.div(centred, deviation), dims);
        return n.add(n.mul(normal, perChannel(n, n.in(1))), perChannel(n, n.in(2)));
    }

    /** {@code x / (bias + alpha / size * s)^beta}, with s the sum of squares over neighbouring channels: a product. */
    private static List<Value> local(LRN op, NodeFormulas n) {
        long[] dims = n.dims(0);
        int channels = (int) Math.min(dims[1], MAX_CHANNELS);
        n.refuseIf(dims[1] > MAX_CHANNELS, dims[1] + " channels");
        Tensor neighbours = Tensor.allocate(Formulas.dtype(n.x()), channels, channels);
        for (int c = 0; c < channels; c++) {
            long last = c + Math.min(channels - 1 - c, op.size() / 2);
            for (long i = Math.max(0, c - (op.size() - 1) / 2); i <= last; i++) {
                neighbours.setDouble((long) c * channels + i, 1);
            }
        }
        long pixels = RowMajor.size(dims) / Math.max(1, dims[0] * dims[1]);
        Value squares = n.reshape(n.square(n.x()), dims[0], dims[1], pixels);
        Value sum = n.reshape(n.matMul(n.constant(neighbours), squares), dims);
        Value base = n.add(n.mul(sum, (double) op.alpha() / op.size()), op.bias());
        return List.of(n.div(n.x(), n.make(new Pow(), base, n.number(base, op.beta()))));
    }
}
