package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.CompressionReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cross-layer equalisation: between two layers each channel is divided by a factor s and multiplied again, so that it uses as
 * much of its range before as after. The first layer's weights and bias are divided, the second's weights multiplied. The
 * graph computes the same.
 *
 * <p>With r1 and r2 the largest absolute weights of the channel in the first and in the second layer, M. Nagel et al.
 * (Data-Free Quantization Through Weight Equalization and Bias Correction, 2019) have {@code s = sqrt(r1 r2) / r2}. Here the
 * activations between count, too, since their steps are shared by all channels like those of the weights: with a the largest
 * absolute activation of the channel, and R1, A and R2 the largest values of all channels,
 * {@code s = sqrt(max(r1 / R1, a / A) / (r2 / R2))}. Otherwise a channel of tiny weights and an ordinary bias would be made so
 * large that it takes the range of all others.
 *
 * <p>A depthwise convolution is the second layer of one pair and the first of the next. Pairs are equalised in turn until
 * nothing changes, which equalises such triples.
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
     * @param activations the largest absolute value of each channel between the layers, before any division
     */
    private record Pair(
            LinearLayer first, LinearLayer second, List<Node> between, double[] factors, double[] activations) {}

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
     * @param model the model
     * @param excluded the names of layers that must not change
     * @param context gives samples, for the ranges of activations
     * @return a graph that computes the same
     */
    static Graph apply(Model model, Set<String> excluded, StepContext context) {
        return new Equalization(model.graph(), excluded).apply(model, context);
    }

    private Graph apply(Model model, StepContext context) {
        List<Pair> pairs = new ArrayList<>();
        for (LinearLayer layer : LinearLayer.of(graph)) {
            Pair pair = layers.containsKey(layer.node()) ? pair(layers.get(layer.node())) : null;
            if (pair != null) {
                pairs.add(pair);
                matrices.computeIfAbsent(pair.first.node(), n -> pair.first.matrix());
                matrices.computeIfAbsent(pair.second.node(), n -> pair.second.matrix());
            }
        }
        observe(pairs, model, context);
        List<List<Double>> before = pairs.stream().map(this::ranges).toList();
        double change = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS && change > ENOUGH; round++) {
            change = 0;
            for (Pair pair : pairs) {
                change = Math.max(change, equalize(pair));
            }
        }
        for (int i = 0; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            context.report(new CompressionReport.ChannelRanges(
                    pair.first.name(), pair.second.name(), before.get(i), ranges(pair)));
        }
        return written(pairs);
    }

    /** The largest absolute weight of each channel of the first layer. */
    private List<Double> ranges(Pair pair) {
        float[] matrix = matrices.get(pair.first.node());
        int terms = pair.first.terms();
        List<Double> ranges = new ArrayList<>();
        for (int c = 0; c < pair.first.outputs(); c++) {
            float most = 0;
            for (int t = 0; t < terms; t++) {
                most = Math.max(most, Math.abs(matrix[c * terms + t]));
            }
            ranges.add((double) most);
        }
        return ranges;
    }

    /** Finds the ranges of activations. */
    private static void observe(List<Pair> pairs, Model model, StepContext context) {
        Map<String, Pair> byInput = new LinkedHashMap<>();
        pairs.forEach(pair -> byInput.put(pair.second.input().name(), pair));
        if (pairs.isEmpty()) {
            return;
        }
        context.observe(model, byInput.keySet(), "channels", (name, value) -> {
            Pair pair = byInput.get(name);
            Tensor t = (Tensor) value;
            int inner = 1;
            for (int i = 2; i < t.rank() && pair.second.node().op() instanceof Conv; i++) {
                inner *= Math.toIntExact(t.dim(i));
            }
            float[] x = t.toFloatArray();
            for (int i = 0; i < x.length; i++) {
                int c = i / inner % pair.activations.length;
                pair.activations[c] = Math.max(pair.activations[c], Math.abs(x[i]));
            }
        });
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
                return fits
                        ? new Pair(first, second, between, ones(first.outputs()), new double[first.outputs()])
                        : null;
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
            case Clip c ->
                Operators.isBound(node)
                        && node.input(1) != null
                        && node.input(1).constant().getFloat(0) == 0;
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
        int channels = pair.first.outputs();
        int terms = pair.first.terms();
        double[] before = new double[channels];
        double[] between = new double[channels];
        double[] after = new double[channels];
        for (int c = 0; c < channels; c++) {
            for (int t = 0; t < terms; t++) {
                before[c] = Math.max(before[c], Math.abs(first[c * terms + t]));
            }
            for (int use : uses(pair.second, c)) {
                after[c] = Math.max(after[c], Math.abs(second[use]));
            }
            between[c] = pair.activations[c] / pair.factors[c];
        }
        double mostBefore = most(before);
        double mostBetween = most(between);
        double mostAfter = most(after);
        double change = 0;
        for (int c = 0; c < channels; c++) {
            double left = Math.max(before[c] / mostBefore, between[c] / mostBetween);
            double s = Math.sqrt(left / (after[c] / mostAfter));
            if (!(before[c] >= Float.MIN_NORMAL && after[c] >= Float.MIN_NORMAL && s > 0 && Double.isFinite(s))) {
                continue;
            }
            for (int t = 0; t < terms; t++) {
                first[c * terms + t] /= (float) s;
            }
            for (int use : uses(pair.second, c)) {
                second[use] *= (float) s;
            }
            pair.factors[c] *= s;
            change = Math.max(change, Math.abs(Math.log(s)));
        }
        return change;
    }

    private static double most(double[] values) {
        return Math.max(Float.MIN_NORMAL, Arrays.stream(values).max().orElse(0));
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
