package dev.tenon.benchmarks.engine;

import dev.tenon.benchmarks.engine.OneDnnRecipe.Operand;
import dev.tenon.benchmarks.engine.OneDnnRecipe.Window;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the products and convolutions that oneDNN computes by one primitive: MatMul, MatMulInteger, QLinearMatMul and
 * BFloat16MatMul of matrices with constant weights; Conv and QLinearConv of images with constant weights, channels first or
 * last; an addition and Relu after Conv.
 */
final class OneDnnRecipes {
    private static final int IMAGE = 4;

    private final Map<String, Tensor> inputs;
    private final Map<Integer, Tensor> scales = new LinkedHashMap<>();
    private final Map<Integer, Tensor> zeroPoints = new LinkedHashMap<>();

    private OneDnnRecipes(Map<String, Tensor> inputs) {
        this.inputs = inputs;
    }

    /**
     * Finds the primitive of a graph.
     *
     * @param graph a graph
     * @param inputs a tensor for each input, by name
     * @return the recipe; null if oneDNN does not compute the graph by one primitive
     */
    static OneDnnRecipe of(Graph graph, Map<String, Tensor> inputs) {
        Node first = graph.nodes().getFirst();
        OneDnnRecipes recipes = new OneDnnRecipes(inputs);
        Op op = first.op() instanceof ChannelsLast last ? last.op() : first.op();
        if (graph.outputs().size() != 1 || graph.nodes().size() > 1 && !(op instanceof Conv)) {
            return null;
        }
        return switch (first.op()) {
            case MatMul _, BFloat16MatMul _, MatMulInteger _ -> recipes.product(first, 0, 1);
            case QLinearMatMul _ -> recipes.product(first, 0, 3);
            case Conv _, QLinearConv _ -> recipes.convolution(graph, first, first.op(), false);
            case ChannelsLast last -> recipes.convolution(graph, first, last.op(), true);
            default -> null;
        };
    }

    private Tensor tensor(Value value) {
        return value == null ? null : value.isConstant() ? value.constant() : inputs.get(value.name());
    }

    private static boolean isMatrix(Value value) {
        return value.type() instanceof TensorType type
                && type.shape().isKnown()
                && type.shape().rank() == 2;
    }

    private OneDnnRecipe product(Node node, int left, int right) {
        Value x = node.input(left);
        Value w = node.input(right);
        if (!isMatrix(x) || !isMatrix(w) || x.isConstant() || !w.isConstant()) {
            return null;
        }
        Tensor weights = w.constant();
        long[] dims = tensor(x).dims();
        boolean fits =
                switch (node.op()) {
                    case MatMulInteger _ -> zeroPoints(tensor(node.input(2)), tensor(node.input(3)), null);
                    case QLinearMatMul _ -> quantised(node, 1, weights.dim(1));
                    default -> tensor(x).dtype() == DType.FLOAT32;
                };
        if (!fits || weights.dtype() == DType.UINT8) {
            return null;
        }
        DType type =
                node.op() instanceof BFloat16MatMul ? DType.BFLOAT16 : tensor(x).dtype();
        DType result = ((TensorType) node.output().type()).dtype();
        return new OneDnnRecipe(
                new Operand(type, dims, OneDnn.MATRIX, false, tensor(x)),
                new Operand(weights.dtype(), weights.dims(), OneDnn.MATRIX, true, weights),
                null,
                new Operand(result, new long[] {dims[0], weights.dim(1)}, OneDnn.MATRIX, false, null),
                null,
                scales,
                zeroPoints,
                null,
                false);
    }

    /** Notes the scales and zero points of an operator that quantises its result. */
    private boolean quantised(Node node, int channelDimension, long channels) {
        int[] at = {OneDnnRecipe.SOURCE, OneDnnRecipe.WEIGHTS, OneDnnRecipe.RESULT};
        int[] input = {1, 4, 6};
        for (int i = 0; i < at.length; i++) {
            Tensor scale = tensor(node.input(input[i]));
            boolean each = at[i] == OneDnnRecipe.WEIGHTS && scale.size() == channels && channelDimension >= 0;
            if (scale.dtype() != DType.FLOAT32 || scale.size() != 1 && !each) {
                return false;
            }
            scales.put(at[i], scale);
        }
        return zeroPoints(tensor(node.input(2)), tensor(node.input(5)), tensor(node.input(7)));
    }

    /** Notes zero points. Those of weights must be 0. */
    private boolean zeroPoints(Tensor source, Tensor weights, Tensor result) {
        if (weights != null) {
            for (long i = 0; i < weights.size(); i++) {
                if (weights.getLong(i) != 0) {
                    return false;
                }
            }
        }
        return zeroPoint(OneDnnRecipe.SOURCE, source) && zeroPoint(OneDnnRecipe.RESULT, result);
    }

    private boolean zeroPoint(int operand, Tensor value) {
        if (value == null) {
            return true;
        }
        zeroPoints.put(operand, value);
        return value.size() == 1 && OneDnn.type(value.dtype()) > 0;
    }

    private OneDnnRecipe convolution(Graph graph, Node node, Op op, boolean last) {
        boolean bytes = op instanceof QLinearConv;
        WindowAttributes window = window(op);
        Tensor x = tensor(node.input(0));
        Value w = node.input(bytes ? 3 : 1);
        if (window == null || x.rank() != IMAGE || !w.isConstant()) {
            return null;
        }
        Tensor weights = w.constant();
        if (bytes && !quantised(node, 0, weights.dim(0))) {
            return null;
        }
        Value added = null;
        boolean relu = false;
        for (Node next : graph.nodes().subList(1, graph.nodes().size())) {
            boolean follows = next.input(0).producer() != null && !relu;
            if (follows && next.op() instanceof Relu) {
                relu = true;
            } else if (follows
                    && next.op() instanceof Add
                    && added == null
                    && next.input(1).producer() == null) {
                added = next.input(1);
            } else {
                return null;
            }
        }
        int format = last ? OneDnn.CHANNELS_LAST : OneDnn.ROW_MAJOR_4;
        TensorType type = (TensorType) graph.outputs().getFirst().type();
        Operand result = new Operand(type.dtype(), first(type.shape().toArray(), last), format, !last, null);
        return new OneDnnRecipe(
                new Operand(x.dtype(), first(x.dims(), last), format, !last, x),
                weights(weights, group(op)),
                bias(bytes, node),
                result,
                slides(window),
                scales,
                zeroPoints,
                added == null ? null : new Operand(DType.FLOAT32, result.dims(), format, !last, tensor(added)),
                relu);
    }

    /** The dimensions with channels before sizes. */
    private static long[] first(long[] dims, boolean last) {
        return last ? new long[] {dims[0], dims[3], dims[1], dims[2]} : dims;
    }

    private static Operand weights(Tensor weights, long group) {
        long[] d = weights.dims();
        long[] dims = group == 1 ? d : new long[] {group, d[0] / group, d[1], d[2], d[3]};
        int format = group == 1 ? OneDnn.ROW_MAJOR_4 : OneDnn.ROW_MAJOR_5;
        return new Operand(weights.dtype(), dims, format, true, weights);
    }

    /** The bias as real numbers. */
    private Operand bias(boolean bytes, Node node) {
        Tensor bias = tensor(node.input(bytes ? 8 : 2));
        if (bias == null) {
            return null;
        }
        Tensor real = bias;
        if (bytes) {
            Tensor x = tensor(node.input(1));
            Tensor w = tensor(node.input(4));
            real = Tensor.allocate(DType.FLOAT32, bias.dims());
            for (long i = 0; i < bias.size(); i++) {
                double scale = x.getDouble(0) * w.getDouble(w.size() == 1 ? 0 : i);
                real.setDouble(i, bias.getLong(i) * scale);
            }
        }
        return new Operand(DType.FLOAT32, real.dims(), OneDnn.VECTOR, false, real);
    }

    private static long group(Op op) {
        return op instanceof Conv conv ? conv.group() : ((QLinearConv) op).group();
    }

    private static WindowAttributes window(Op op) {
        WindowAttributes window =
                switch (op) {
                    case Conv conv -> conv.window();
                    case QLinearConv conv -> conv.window();
                    default -> null;
                };
        return window == null || window.autoPad() != WindowAttributes.AutoPad.NOTSET ? null : window;
    }

    private static Window slides(WindowAttributes window) {
        List<Long> pads = window.pads();
        return new Window(
                two(window.strides(), 0, 1),
                two(window.dilations().stream().map(d -> d - 1).toList(), 0, 0),
                two(pads, 0, 0),
                two(pads, 2, 0));
    }

    private static long[] two(List<Long> values, int from, long absent) {
        return values.isEmpty() ? new long[] {absent, absent} : new long[] {values.get(from), values.get(from + 1)};
    }
}
