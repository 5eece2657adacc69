package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The weights of a quantised network in float, so that they can be trained. The network rounds them to their scales in each step, and
 * gradients pass the rounding as they are. Afterwards the integers that they round to take their places.
 *
 * <p>Scales stay, or are learned, too, those of activations as well (S. Esser et al., Learned Step Size Quantization, 2020): the gradient
 * of a scale s is that of s round(x / s), which is round(x / s) - x / s within the range and the bound outside, summed over all numbers of
 * that scale. What is learned is the logarithm of the factor by which a scale changes: scales stay positive, and a step of the optimiser
 * changes small and large ones by the same share, so that the factor which that paper puts before these gradients is not needed.
 */
final class LatentWeights {
    /** The weight that an integer at the zero point begins with, in steps of the scale. A zero itself would stay zero. */
    private static final float BESIDE_ZERO = 1e-3f;

    /** How far the scale of a bias may be from the product of the scales of its layer, as a share. */
    private static final float TIE = 1e-5f;

    private final Graph graph;
    private final GraphIndex index;

    /** The names of the float weights by the nodes that make floats of the integers. */
    private final Map<Node, String> names = new LinkedHashMap<>();

    /** The names of the logarithms of factors by the scales that are learned. Equal numbers have one. */
    private final Map<Value, String> factors = new LinkedHashMap<>();

    LatentWeights(Graph graph, boolean learnsScales) {
        this.graph = graph;
        this.index = new GraphIndex(graph);
        FreeNames free = new FreeNames(index);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof DequantizeLinear d && isWeight(node, d)) {
                names.put(node, free.of(node.input(0).name() + "/latent"));
            }
        }
        if (learnsScales) {
            Map<Float, String> ofNumbers = new HashMap<>();
            for (Value scale : graph.constants()) {
                if (isLearned(scale)) {
                    String name = scale.name() + "/factor";
                    factors.put(
                            scale,
                            scale.constant().size() > 1
                                    ? free.of(name)
                                    : ofNumbers.computeIfAbsent(scale.constant().getFloat(0), s -> free.of(name)));
                }
            }
        }
    }

    private boolean isWeight(Node node, DequantizeLinear d) {
        Value integers = node.input(0);
        Value scale = node.input(1);
        Value zero = zero(node);
        return node.output().tensorType().dtype() == DType.FLOAT32
                && integers.isConstant()
                && !integers.constant().dtype().isFloating()
                && index.consumers(integers).size() == 1
                && !index.isOutput(integers)
                && index.consumers(node.output()).stream().noneMatch(user -> user.op() instanceof Gather)
                && scale.isConstant()
                && scale.constant().dtype() == DType.FLOAT32
                && (scale.constant().rank() < 2 || d.blockSize() > 0)
                && (zero == null || zero.isConstant());
    }

    /** Whether a constant is the scale of trained weights or of rounded activations, and of nothing else. */
    private boolean isLearned(Value constant) {
        return constant.constant().dtype() == DType.FLOAT32
                && constant.constant().size() > 0
                && !index.isOutput(constant)
                && index.consumers(constant).stream().allMatch(user -> hasLearnedScale(user, constant));
    }

    private boolean hasLearnedScale(Node node, Value constant) {
        Value source = node.input(0);
        boolean isOne =
                switch (node.op()) {
                    case QuantizeLinear q -> true;
                    case DequantizeLinear d ->
                        names.containsKey(node)
                                ? source.constant().dtype() != DType.INT32
                                : source.producer() != null && source.producer().op() instanceof QuantizeLinear;
                    default -> false;
                };
        return isOne && constant.equals(node.input(1)) && !constant.equals(source);
    }

    private static Value zero(Node node) {
        return node.inputs().size() > 2 ? node.input(2) : null;
    }

    /** The names of what is learned beside weights. */
    Set<String> scales() {
        return Set.copyOf(factors.values());
    }

    /**
     * Integers, and the numbers that their steps stand for.
     *
     * @param integers the integers
     * @param scales the scale of each channel or block, or one for all
     * @param zeros the zero points
     * @param axis the axis of the channels or blocks
     * @param block the numbers of a block along the axis; 0 for channels
     */
    private record Codes(Tensor integers, float[] scales, long[] zeros, int axis, long block) {
        static Codes of(Node node, float[] scales) {
            Tensor integers = node.input(0).constant();
            DequantizeLinear d = (DequantizeLinear) node.op();
            long[] zeros = zero(node) == null
                    ? new long[scales.length]
                    : zero(node).constant().toLongArray();
            return new Codes(
                    integers, scales, zeros, Math.floorMod(d.axis(), Math.max(1, integers.rank())), d.blockSize());
        }

        static Codes of(Node node) {
            return of(node, node.input(1).constant().toFloatArray());
        }

        /** The channel or block of each element. */
        private int[] channels() {
            long inner = 1;
            for (int a = axis + 1; a < integers.rank(); a++) {
                inner *= integers.dim(a);
            }
            long length = integers.rank() == 0 ? 1 : integers.dim(axis);
            int[] channels = new int[Math.toIntExact(integers.size())];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = (int)
                        (block == 0
                                ? i / inner % scales.length
                                : (i / (inner * length) * Math.ceilDiv(length, block) + i / inner % length / block)
                                                * inner
                                        + i % inner);
            }
            return channels;
        }

        private LongSummaryStatistics used() {
            return Arrays.stream(integers.toLongArray()).summaryStatistics();
        }

        /** Whether the integers keep within fewer numbers than their type has, as three bits in the type of four do. Blocks use all. */
        boolean isBounded() {
            DType type = integers.dtype();
            return block == 0 && (used().getMin() > type.minInteger() || used().getMax() < type.maxInteger());
        }

        Tensor floats() {
            int[] channels = channels();
            float[] floats = new float[channels.length];
            for (int i = 0; i < floats.length; i++) {
                long steps = integers.getLong(i) - zeros[channels[i]];
                floats[i] = scales[channels[i]] * (steps == 0 ? BESIDE_ZERO : steps);
            }
            return Tensor.of(floats, integers.dims());
        }

        /** The dimensions of a number for each channel beside the weights. */
        long[] beside() {
            long[] dims = new long[scales.length == 1 ? 0 : integers.rank() - axis];
            Arrays.fill(dims, 1);
            if (dims.length > 0) {
                dims[0] = scales.length;
            }
            return dims;
        }

        /** The steps from the zero points to an integer. */
        Tensor steps(long code) {
            float[] steps = new float[scales.length];
            for (int c = 0; c < steps.length; c++) {
                steps[c] = code - zeros[c];
            }
            return Tensor.of(steps, beside());
        }

        Tensor rounded(Tensor floats) {
            boolean isBias = integers.dtype() == DType.INT32;
            DType type = integers.dtype();
            long least = isBias || block > 0 ? type.minInteger() : used().getMin();
            long greatest = isBias || block > 0 ? type.maxInteger() : used().getMax();
            int[] channels = channels();
            long[] codes = new long[channels.length];
            for (int i = 0; i < codes.length; i++) {
                int c = channels[i];
                codes[i] = Math.clamp((long) Math.rint(floats.getFloat(i) / scales[c]) + zeros[c], least, greatest);
            }
            return Tensor.convert(type, codes, integers.dims());
        }
    }

    /** The network that is trained. Weights keep within the numbers that the integers of all channels stand for now. */
    Model thawed(Model model) {
        GraphEditor editor = new GraphEditor(graph);
        Map<Value, ValueRef> scales = new HashMap<>();
        Map<String, NewValue> changes = new HashMap<>();
        factors.forEach((scale, name) -> {
            long[] dims = scale.constant().dims();
            NewValue change = changes.computeIfAbsent(
                    name,
                    n -> editor.add(
                            new Exp(),
                            editor.constant(
                                    n,
                                    Tensor.allocate(
                                            DType.FLOAT32, scale.constant().size()))));
            scales.put(scale, editor.add(new Mul(), scale, reshaped(editor, change, dims)));
        });
        scales.forEach(
                (scale, learned) -> index.consumers(scale).forEach(user -> editor.replaceOperand(user, 1, learned)));
        names.forEach((node, name) -> {
            Codes codes = Codes.of(node);
            NewValue floats = editor.constant(name, codes.floats());
            DType type = codes.integers().dtype();
            if (type == DType.INT32) {
                editor.replaceNode(node, floats);
                return;
            }
            ValueRef scale = scales.getOrDefault(node.input(1), node.input(1));
            ValueRef bounded = floats;
            if (codes.isBounded()) {
                ValueRef spread = reshaped(editor, scale, codes.beside());
                LongSummaryStatistics used = codes.used();
                NewValue least = editor.add(new Mul(), spread, editor.constant(codes.steps(used.getMin())));
                NewValue greatest = editor.add(new Mul(), spread, editor.constant(codes.steps(used.getMax())));
                bounded = editor.add(new Min(), editor.add(new Max(), floats, least), greatest);
            }
            DequantizeLinear d = (DequantizeLinear) node.op();
            List<ValueRef> operands = new ArrayList<>(node.inputs());
            operands.set(0, bounded);
            operands.set(1, scale);
            NewValue rounded = editor.add(
                    new QuantizeLinear(d.axis(), true, d.blockSize(), type, null), operands.toArray(ValueRef[]::new));
            editor.replaceOperand(node, 0, rounded);
        });
        return model.withGraph(editor.build());
    }

    private static NewValue reshaped(GraphEditor editor, ValueRef value, long[] dims) {
        return editor.add(new Reshape(true), value, editor.constant(Tensor.of(dims)));
    }

    /** The network with the integers, scales and other constants that training has given. */
    Model frozen(Model model, Model trained) {
        Map<String, Tensor> learned = new HashMap<>();
        trained.graph().constants().forEach(v -> learned.put(v.name(), v.constant()));
        Map<Value, float[]> scales = new HashMap<>();
        factors.forEach((scale, name) -> scales.put(scale, scaled(scale.constant(), learned.get(name))));
        names.keySet().forEach(node -> biasScales(node, scales).ifPresent(s -> scales.put(node.input(1), s)));
        GraphEditor editor = new GraphEditor(graph);
        names.forEach((node, name) -> editor.replaceConstant(
                node.input(0), Codes.of(node, scales(node, scales)).rounded(learned.get(name))));
        for (Value constant : graph.constants()) {
            Tensor now = learned.get(constant.name());
            if (scales.containsKey(constant)) {
                editor.replaceConstant(
                        constant,
                        Tensor.of(scales.get(constant), constant.constant().dims()));
            } else if (constant.constant().dtype() == DType.FLOAT32 && now != null) {
                editor.replaceConstant(constant, now);
            }
        }
        return model.withGraph(editor.build());
    }

    private static float[] scaled(Tensor scale, Tensor logarithms) {
        float[] scaled = scale.toFloatArray();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) Math.exp(logarithms.getFloat(i));
        }
        return scaled;
    }

    private static float[] scales(Node node, Map<Value, float[]> changed) {
        float[] now = changed.get(node.input(1));
        return now == null ? node.input(1).constant().toFloatArray() : now;
    }

    /** The scales of an integer bias, which operators on integers take to be those of the input times those of the weights. */
    private Optional<float[]> biasScales(Node bias, Map<Value, float[]> changed) {
        List<Node> users = index.consumers(bias.output());
        if (bias.input(0).constant().dtype() != DType.INT32
                || users.size() != 1
                || users.getFirst().inputs().size() < 3
                || !bias.output().equals(users.getFirst().input(2))
                || index.consumers(bias.input(1)).size() != 1) {
            return Optional.empty();
        }
        Node input = users.getFirst().input(0).producer();
        Node weights = users.getFirst().input(1).producer();
        boolean areScaled = Stream.of(input, weights)
                .allMatch(n -> n != null
                        && n.op() instanceof DequantizeLinear
                        && n.input(1).isConstant());
        if (!areScaled || scales(input, changed).length != 1) {
            return Optional.empty();
        }
        float[] scales = bias.input(1).constant().toFloatArray();
        float[] before = scales(weights, Map.of());
        float[] after = scales(weights, changed);
        for (int i = 0; i < scales.length; i++) {
            int c = before.length == 1 ? 0 : i;
            if (c >= before.length || Math.abs(scales(input, Map.of())[0] * before[c] / scales[i] - 1) > TIE) {
                return Optional.empty();
            }
            scales[i] = scales(input, changed)[0] * after[c];
        }
        return Optional.of(scales);
    }
}
