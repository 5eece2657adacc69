package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * SmoothQuant: divides the channels of activations by {@code s_j = max|X_j|^a / max|W_j|^(1-a)} and multiplies the weights
 * by the same, so that no single channel decides the steps of all (G. Xiao et al., SmoothQuant, 2023). The graph computes the
 * same. The division is folded into the normalisation before, if nothing else uses its result; else it is a Mul of its own.
 *
 * <p>Without an exponent, a is searched for each value: that of least estimated error of the products. The error has two
 * parts. Activations, whose error is assumed to be uniform in a step d, add {@code rows d^2 / 12 |W s|^2}. Weights, whose
 * errors are assumed to be independent, add the sum of their squares, each times the second moment of its term.
 */
final class Smoothing {
    private static final double[] EXPONENTS = {0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
    private static final int STEPS = 255;
    private static final double UNIFORM = 12;
    private static final double LEAST = 1e-5;

    private final OptionalDouble alpha;
    private final int most;
    private final boolean isPerChannel;

    /**
     * A smoothing.
     *
     * @param alpha the exponent; searched if it is absent
     * @param most the largest integer of a weight
     * @param isPerChannel whether the weights of each output have a scale of their own
     */
    Smoothing(OptionalDouble alpha, int most, boolean isPerChannel) {
        this.alpha = alpha;
        this.most = most;
        this.isPerChannel = isPerChannel;
    }

    static void check(double alpha) {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new CompressionException("exponent of smoothing", alpha + "", "at least 0, at most 1", null);
        }
    }

    /**
     * Smooths the inputs of products.
     *
     * @param model the model
     * @param excluded the names of layers that must not change
     * @param context gives the samples
     * @return the changed graph
     */
    Graph apply(Model model, Set<String> excluded, StepContext context) {
        Graph graph = model.graph();
        Map<Value, List<LinearLayer>> groups = groups(graph, excluded);
        if (groups.isEmpty()) {
            return graph;
        }
        Map<String, ChannelStatistics> statistics = new LinkedHashMap<>();
        groups.forEach((v, layers) ->
                statistics.put(v.name(), new ChannelStatistics(layers.getFirst().terms())));
        context.observe(
                model,
                statistics.keySet(),
                "channels",
                (name, value) -> statistics.get(name).add((Tensor) value));
        GraphEditor editor = new GraphEditor(graph);
        groups.forEach((v, layers) -> {
            double[] factors = factors(layers, statistics.get(v.name()));
            if (factors != null) {
                divide(editor, v, layers, factors);
                layers.forEach(
                        layer -> editor.replaceConstant(layer.weight(), layer.stored(multiplied(layer, factors))));
            }
        });
        return editor.build();
    }

    /** The products that share an input. */
    private static Map<Value, List<LinearLayer>> groups(Graph graph, Set<String> excluded) {
        Map<Value, List<LinearLayer>> groups = new LinkedHashMap<>();
        for (LinearLayer layer : LinearLayer.of(graph)) {
            boolean isProduct =
                    layer.node().op() instanceof MatMul || layer.node().op() instanceof Gemm gemm && !gemm.transA();
            if (isProduct
                    && !layer.isShared()
                    && !excluded.contains(layer.name())
                    && Operators.isComputed(layer.input())) {
                groups.computeIfAbsent(layer.input(), v -> new ArrayList<>()).add(layer);
            }
        }
        return groups;
    }

    /** The divisors of the channels; null if none are better than the best. */
    private double[] factors(List<LinearLayer> layers, ChannelStatistics x) {
        if (!x.isFinite()) {
            return null;
        }
        double[] weights = new double[x.channels()];
        List<float[]> matrices = new ArrayList<>();
        for (LinearLayer layer : layers) {
            float[] matrix = layer.matrix();
            matrices.add(matrix);
            for (int i = 0; i < matrix.length; i++) {
                int t = i % weights.length;
                weights[t] = Math.max(weights[t], Math.abs(matrix[i]));
            }
        }
        if (alpha.isPresent()) {
            return factors(alpha.getAsDouble(), weights, x);
        }
        double[] none = new double[weights.length];
        Arrays.fill(none, 1);
        double least = error(matrices, none, x);
        double[] best = null;
        for (double a : EXPONENTS) {
            double[] factors = factors(a, weights, x);
            double error = error(matrices, factors, x);
            if (error < least) {
                least = error;
                best = factors;
            }
        }
        return best;
    }

    private static double[] factors(double a, double[] weights, ChannelStatistics x) {
        double[] factors = new double[weights.length];
        for (int t = 0; t < factors.length; t++) {
            double s = Math.pow(x.magnitude(t), a) / Math.pow(weights[t], 1 - a);
            factors[t] = x.magnitude(t) < LEAST || weights[t] < LEAST || !Double.isFinite(s) ? 1 : Math.max(LEAST, s);
        }
        return factors;
    }

    private double error(List<float[]> matrices, double[] factors, ChannelStatistics x) {
        double low = 0;
        double high = 0;
        for (int t = 0; t < factors.length; t++) {
            low = Math.min(low, x.min(t) / factors[t]);
            high = Math.max(high, x.max(t) / factors[t]);
        }
        double step = (high - low) / STEPS;
        double error = x.rows() * step * step / UNIFORM * squares(matrices, factors);
        int terms = factors.length;
        for (float[] matrix : matrices) {
            int rows = isPerChannel ? 1 : matrix.length / terms;
            for (int from = 0; from < matrix.length; from += rows * terms) {
                error += rounding(matrix, from, from + rows * terms, factors, x);
            }
        }
        return error;
    }

    private static double squares(List<float[]> matrices, double[] factors) {
        double squares = 0;
        for (float[] matrix : matrices) {
            for (int i = 0; i < matrix.length; i++) {
                double w = matrix[i] * factors[i % factors.length];
                squares += w * w;
            }
        }
        return squares;
    }

    /** The error that the rounding of weights with one scale makes in the sums of products. */
    private double rounding(float[] matrix, int from, int to, double[] factors, ChannelStatistics x) {
        int terms = factors.length;
        double largest = 0;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, Math.abs(matrix[i] * factors[i % terms]));
        }
        double scale = largest / most;
        double error = 0;
        for (int i = from; i < to && scale > 0; i++) {
            double w = matrix[i] * factors[i % terms];
            double difference = (Math.rint(w / scale) * scale - w) / factors[i % terms];
            error += difference * difference * x.squares(i % terms);
        }
        return error;
    }

    private static float[] multiplied(LinearLayer layer, double[] factors) {
        float[] matrix = layer.matrix();
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (float) (matrix[i] * factors[i % factors.length]);
        }
        return matrix;
    }

    private static void divide(GraphEditor editor, Value v, List<LinearLayer> layers, double[] factors) {
        Tensor divisors = Tensor.allocate(DType.FLOAT32, factors.length);
        for (int t = 0; t < factors.length; t++) {
            divisors.setDouble(t, 1 / factors[t]);
        }
        List<Node> users = layers.stream().map(LinearLayer::node).toList();
        if (isFoldable(editor.index(), v, users, factors.length)) {
            Node norm = v.producer();
            for (int i = 1; i < norm.inputs().size(); i++) {
                if (norm.input(i) != null) {
                    editor.replaceOperand(
                            norm, i, editor.constant(product(norm.input(i).constant(), divisors)));
                }
            }
            return;
        }
        editor.insertAfter(v, users, new Mul(), editor.constant(divisors));
    }

    /** Whether a value is that of a normalisation whose scale and bias can be divided. */
    private static boolean isFoldable(GraphIndex index, Value v, List<Node> users, int channels) {
        Node norm = v.producer();
        if (norm == null || index.isOutput(v) || !users.containsAll(index.consumers(v))) {
            return false;
        }
        boolean isNorm = norm.op() instanceof LayerNormalization || norm.op() instanceof RMSNormalization;
        for (int i = 1; i < norm.inputs().size() && isNorm; i++) {
            Value parameter = norm.input(i);
            isNorm = parameter == null
                    || parameter.isConstant()
                            && parameter.constant().size() == channels
                            && parameter.constant().dim(parameter.constant().rank() - 1) == channels;
        }
        return isNorm;
    }

    private static Tensor product(Tensor a, Tensor b) {
        Tensor product = Tensor.allocate(a.dtype(), a.dims());
        for (long i = 0; i < a.size(); i++) {
            product.setDouble(i, a.getDouble(i) * b.getDouble(i));
        }
        return product;
    }
}
