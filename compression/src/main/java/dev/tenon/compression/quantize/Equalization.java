package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cross-layer equalisation: between two layers each channel is divided by a factor and multiplied again, so that its weights
 * have the same range in both. With {@code s = sqrt(r1 r2) / r2}, where r1 and r2 are the largest absolute weights of the
 * channel in the first and in the second layer, the first layer's weights and bias are divided by s, and the second's weights
 * multiplied (M. Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019). The graph
 * computes the same.
 *
 * <p>A depthwise convolution is the second layer of one pair and the first of the next. Pairs are equalised in turn until
 * nothing changes, which brings such triples to {@code r1 = r2 = r3}.
 *
 * <p>Between the layers there may be Relu, LeakyRelu, PRelu, pooling, and Clip from 0, all of which commute with positive
 * factors. An upper bound of Clip becomes one bound for each channel.
 */
final class Equalization {
    private static final int ROUNDS = 50;
    private static final double ENOUGH = 1e-4;

    private final Graph graph;
    private final GraphIndex index;
    private final Map<Node, float[]> matrices = new IdentityHashMap<>();
    private final Map<Node, LinearLayer> layers = new IdentityHashMap<>();

    /**
     * Two layers with nothing but operators between that commute with positive factors.
     *
     * @param first the layer before
     * @param second the layer after
     * @param between the operators between, in order
     * @param factors by which the channels were divided
     */
    private record Pair(LinearLayer first, LinearLayer second, List<Node> between, double[] factors) {}

    private Equalization(Graph graph, Set<String> excluded) {
        this.graph = graph;
        this.index = new GraphIndex(graph);
        for (LinearLayer layer : LinearLayer.of(graph)) {
            if (!layer.isShared() && !excluded.contains(layer.name())) {
                layers.put(layer.node(), layer);
            }
        }
    }

    /**
     * Equalises the layers of a graph.
     *
     * @param graph the graph
     * @param excluded the names of layers that must not change
     * @return a graph that computes the same
     */
    static Graph apply(Graph graph, Set<String> excluded) {
        return new Equalization(graph, excluded).apply();
    }

    private Graph apply() {
        List<Pair> pairs = new ArrayList<>();
        for (LinearLayer layer : LinearLayer.of(graph)) {
            Pair pair = layers.containsKey(layer.node()) ? pair(layers.get(layer.node())) : null;
            if (pair != null) {
                pairs.add(pair);
                matrices.computeIfAbsent(pair.first.node(), n -> pair.first.matrix());
                matrices.computeIfAbsent(pair.second.node(), n -> pair.second.matrix());
            }
        }
        double change = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS && change > ENOUGH; round++) {
            change = 0;
            for (Pair pair : pairs) {
                change = Math.max(change, equalize(pair));
            }
        }
        return written(pairs);
    }

    /** The pair whose first layer is the given one, or null. */
    private Pair pair(LinearLayer first) {
        List<Node> between = new ArrayList<>();
        Value v = first.node().output();
        boolean isConvolution = first.node().op() instanceof Conv;
        if (!isConvolution && first.node().op() instanceof MatMul && Biases.of(first, index) != null) {
            v = index.consumers(v).getFirst().output();
        } else if (first.node().input(Biases.OPERAND) != null && Biases.own(first) == null) {
            return null;
        }
        while (index.consumers(v).size() == 1 && !index.isOutput(v)) {
            Node next = index.consumers(v).getFirst();
            LinearLayer second = layers.get(next);
            if (second != null) {
                boolean fits = next.input(0) == v
                        && next.input(1) != v
                        && next.op() instanceof Conv == isConvolution
                        && channels(second) == first.outputs();
                return fits ? new Pair(first, second, between, ones(first.outputs())) : null;
            }
            boolean isSecondBound = isBounded(next) && between.stream().anyMatch(Equalization::isBounded);
            if (next.input(0) != v || !commutes(next, isConvolution) || isSecondBound) {
                return null;
            }
            between.add(next);
            v = next.output();
        }
        return null;
    }

    private static boolean isBounded(Node node) {
        return node.op() instanceof Clip && node.input(2) != null;
    }

    private static double[] ones(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** The number of channels of a layer's input. */
    private static int channels(LinearLayer layer) {
        return layer.node().op() instanceof Conv
                ? Math.toIntExact(layer.weight().constant().dim(1)) * layer.groups()
                : layer.terms();
    }

    private static boolean commutes(Node node, boolean isConvolution) {
        return switch (node.op()) {
            case Relu r -> true;
            case LeakyRelu r -> true;
            case PRelu r -> node.input(1).isConstant();
            case Clip c -> Operators.isBound(node) && node.input(1) != null && node.input(1).constant().getFloat(0) == 0;
            case MaxPool p -> isConvolution && node.outputs().size() == 1;
            case AveragePool p -> isConvolution;
            case GlobalAveragePool p -> isConvolution;
            default -> false;
        };
    }

    /** Equalises a pair; returns the largest change, as the logarithm of a factor. */
    private double equalize(Pair pair) {
        float[] first = matrices.get(pair.first.node());
        float[] second = matrices.get(pair.second.node());
        double change = 0;
        for (int c = 0; c < pair.first.outputs(); c++) {
            double r1 = 0;
            for (int t = 0; t < pair.first.terms(); t++) {
                r1 = Math.max(r1, Math.abs(first[c * pair.first.terms() + t]));
            }
            int[] uses = uses(pair.second, c);
            double r2 = 0;
            for (int use : uses) {
                r2 = Math.max(r2, Math.abs(second[use]));
            }
            double s = Math.sqrt(r1 / r2);
            if (!(r1 >= Float.MIN_NORMAL && r2 >= Float.MIN_NORMAL) || !Double.isFinite(s)) {
                continue;
            }
            for (int t = 0; t < pair.first.terms(); t++) {
                first[c * pair.first.terms() + t] /= (float) s;
            }
            for (int use : uses) {
                second[use] *= (float) s;
            }
            pair.factors[c] *= s;
            change = Math.max(change, Math.abs(Math.log(s)));
        }
        return change;
    }

    /** The indices of the weights of a layer's matrix that multiply a channel of its input. */
    private static int[] uses(LinearLayer layer, int channel) {
        int terms = layer.terms();
        if (!(layer.node().op() instanceof Conv)) {
            int[] uses = new int[layer.outputs()];
            for (int o = 0; o < uses.length; o++) {
                uses[o] = o * terms + channel;
            }
            return uses;
        }
        int perGroup = Math.toIntExact(layer.weight().constant().dim(1));
        int taps = terms / perGroup;
        int outputs = layer.outputs() / layer.groups();
        int group = channel / perGroup;
        int[] uses = new int[outputs * taps];
        for (int o = 0; o < outputs; o++) {
            for (int tap = 0; tap < taps; tap++) {
                uses[o * taps + tap] = (group * outputs + o) * terms + channel % perGroup * taps + tap;
            }
        }
        return uses;
    }

    private Graph written(List<Pair> pairs) {
        GraphEditor editor = new GraphEditor(graph);
        matrices.forEach((node, matrix) -> {
            LinearLayer layer = layers.get(node);
            editor.replaceConstant(layer.weight(), layer.stored(matrix));
        });
        for (Pair pair : pairs) {
            divideBias(editor, pair);
            for (Node node : pair.between) {
                if (isBounded(node)) {
                    bound(editor, node, pair);
                }
            }
        }
        return editor.build();
    }

    private void divideBias(GraphEditor editor, Pair pair) {
        LinearLayer layer = pair.first;
        Value bias = Biases.of(layer, index);
        if (bias == null) {
            return;
        }
        float[] numbers = Biases.numbers(bias, layer);
        for (int c = 0; c < numbers.length; c++) {
            numbers[c] = (float) (numbers[c] / pair.factors[c]);
        }
        NewValue divided = editor.constant(Tensor.of(numbers));
        if (bias == Biases.own(layer)) {
            editor.replaceOperand(layer.node(), Biases.OPERAND, divided);
        } else {
            Node add = index.consumers(layer.node().output()).getFirst();
            editor.replaceOperand(add, add.input(0) == bias ? 0 : 1, divided);
        }
    }

    /** Makes a Clip from 0 to a bound a Relu, and a Min with a bound for each channel. */
    private static void bound(GraphEditor editor, Node clip, Pair pair) {
        float most = clip.input(2).constant().getFloat(0);
        float[] bounds = new float[pair.factors.length];
        for (int c = 0; c < bounds.length; c++) {
            bounds[c] = (float) (most / pair.factors[c]);
        }
        long[] dims = {bounds.length};
        if (pair.first.node().op() instanceof Conv) {
            dims = new long[pair.first.weight().constant().rank() - 1];
            Arrays.fill(dims, 1);
            dims[0] = bounds.length;
        }
        NewValue positive = editor.add(new Relu(), clip.input(0));
        List<NewValue> bounded = editor.add(
                new Min(), clip.name(), List.of(positive, editor.constant(Tensor.of(bounds, dims))), List.of(""));
        editor.replaceNode(clip, bounded);
    }
}
