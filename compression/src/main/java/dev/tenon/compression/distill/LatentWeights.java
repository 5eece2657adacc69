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
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;

/**
 * The weights of a quantised network in float, so that they can be trained. The network rounds them to the same scales in each step, and
 * gradients pass the rounding as they are. Afterwards the integers that they round to take their places. Scales stay.
 */
final class LatentWeights {
    /** The weight that an integer at the zero point begins with, in steps of the scale. A zero itself would stay zero. */
    private static final float BESIDE_ZERO = 1e-3f;

    private final Graph graph;

    /** The names of the float weights by the nodes that make floats of the integers. */
    private final Map<Node, String> names = new LinkedHashMap<>();

    LatentWeights(Graph graph) {
        this.graph = graph;
        GraphIndex index = new GraphIndex(graph);
        FreeNames free = new FreeNames(index);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof DequantizeLinear d && isWeight(node, d, index)) {
                names.put(node, free.of(node.input(0).name() + "/latent"));
            }
        }
    }

    private static boolean isWeight(Node node, DequantizeLinear d, GraphIndex index) {
        Value integers = node.input(0);
        Value scale = node.input(1);
        Value zero = zero(node);
        return d.blockSize() == 0
                && node.output().tensorType().dtype() == DType.FLOAT32
                && integers.isConstant()
                && !integers.constant().dtype().isFloating()
                && index.consumers(integers).size() == 1
                && !index.isOutput(integers)
                && scale.isConstant()
                && scale.constant().dtype() == DType.FLOAT32
                && scale.constant().rank() < 2
                && (zero == null || zero.isConstant());
    }

    private static Value zero(Node node) {
        return node.inputs().size() > 2 ? node.input(2) : null;
    }

    /**
     * Integers, and the numbers that their steps stand for.
     *
     * @param integers the integers
     * @param scales the scale of each channel, or one for all
     * @param zeros the zero points
     * @param axis the axis of the channels
     */
    private record Codes(Tensor integers, float[] scales, long[] zeros, int axis) {
        static Codes of(Node node) {
            Tensor integers = node.input(0).constant();
            float[] scales = node.input(1).constant().toFloatArray();
            long[] zeros = zero(node) == null
                    ? new long[scales.length]
                    : zero(node).constant().toLongArray();
            int axis = ((DequantizeLinear) node.op()).axis();
            return new Codes(integers, scales, zeros, Math.floorMod(axis, Math.max(1, integers.rank())));
        }

        /** The channel of each element. */
        private int[] channels() {
            long inner = 1;
            for (int a = axis + 1; a < integers.rank(); a++) {
                inner *= integers.dim(a);
            }
            int[] channels = new int[Math.toIntExact(integers.size())];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = (int) (i / inner % scales.length);
            }
            return channels;
        }

        private LongSummaryStatistics used() {
            return Arrays.stream(integers.toLongArray()).summaryStatistics();
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

        /** The numbers that an integer stands for in each channel, as an operand beside the weights. */
        Tensor numbers(long code) {
            float[] numbers = new float[scales.length];
            for (int c = 0; c < numbers.length; c++) {
                numbers[c] = (code - zeros[c]) * scales[c];
            }
            long[] dims = new long[numbers.length == 1 ? 0 : integers.rank() - axis];
            Arrays.fill(dims, 1);
            if (dims.length > 0) {
                dims[0] = numbers.length;
            }
            return Tensor.of(numbers, dims);
        }

        Tensor rounded(Tensor floats) {
            LongSummaryStatistics used = used();
            boolean isBias = integers.dtype() == DType.INT32;
            int[] channels = channels();
            long[] codes = new long[channels.length];
            for (int i = 0; i < codes.length; i++) {
                int c = channels[i];
                long code = (long) Math.rint(floats.getFloat(i) / scales[c]) + zeros[c];
                codes[i] = isBias
                        ? Math.clamp(code, Integer.MIN_VALUE, Integer.MAX_VALUE)
                        : Math.clamp(code, used.getMin(), used.getMax());
            }
            return Tensor.convert(integers.dtype(), codes, integers.dims());
        }
    }

    /** The network that is trained. Weights keep within the numbers that the integers of all channels stand for now. */
    Model thawed(Model model) {
        GraphEditor editor = new GraphEditor(graph);
        names.forEach((node, name) -> {
            Codes codes = Codes.of(node);
            NewValue floats = editor.constant(name, codes.floats());
            DType type = codes.integers().dtype();
            if (type == DType.INT32) {
                editor.replaceNode(node, floats);
                return;
            }
            LongSummaryStatistics used = codes.used();
            NewValue least = editor.constant(codes.numbers(used.getMin()));
            NewValue greatest = editor.constant(codes.numbers(used.getMax()));
            NewValue bounded = editor.add(new Min(), editor.add(new Max(), floats, least), greatest);
            int axis = ((DequantizeLinear) node.op()).axis();
            List<ValueRef> operands = new ArrayList<>(node.inputs());
            operands.set(0, bounded);
            NewValue rounded =
                    editor.add(new QuantizeLinear(axis, true, 0, type, null), operands.toArray(ValueRef[]::new));
            editor.replaceOperand(node, 0, rounded);
        });
        return model.withGraph(editor.build());
    }

    /** The network with the integers and other constants that training has given. */
    Model frozen(Model model, Model trained) {
        Map<String, Tensor> learned = new HashMap<>();
        trained.graph().constants().forEach(v -> learned.put(v.name(), v.constant()));
        GraphEditor editor = new GraphEditor(graph);
        names.forEach((node, name) ->
                editor.replaceConstant(node.input(0), Codes.of(node).rounded(learned.get(name))));
        for (Value constant : graph.constants()) {
            Tensor now = learned.get(constant.name());
            if (constant.constant().dtype() == DType.FLOAT32 && now != null) {
                editor.replaceConstant(constant, now);
            }
        }
        return model.withGraph(editor.build());
    }
}
