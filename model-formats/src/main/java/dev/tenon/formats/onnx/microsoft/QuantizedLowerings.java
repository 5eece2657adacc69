package dev.tenon.formats.onnx.microsoft;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Lowerings of quantised operators: dequantise, compute in float32, quantise. */
final class QuantizedLowerings {
    private QuantizedLowerings() {}

    /** Dequantises an operand. Its scale and zero point are the next two operands. */
    private static Value real(NodeLowering node, int at) {
        return real(node, node.input(at), node.input(at + 1), node.input(at + 2));
    }

    private static Value real(NodeLowering node, Value x, Value scale, Value zeroPoint) {
        OpBuilder ops = new OpBuilder(node);
        Value zero = zeroPoint == null ? null : single(ops, zeroPoint);
        return ops.add("DequantizeLinear", x, single(ops, scale), zero);
    }

    /** A parameter of one element and any rank as a scalar. */
    private static Value single(OpBuilder ops, Value v) {
        if (v == null) {
            throw ops.node().error("a scale that is missing", "a value", null);
        }
        return v.tensorType() != null
                        && v.tensorType().shape().hasRank()
                        && v.tensorType().shape().rank() == 0
                ? v
                : ops.scalarOf(v);
    }

    private static List<Value> quantise(NodeLowering node, Value y, DType type, Value scale, Value zeroPoint) {
        OpBuilder ops = new OpBuilder(node);
        Attributes a = zeroPoint == null
                ? Attributes.none().with("output_dtype", (long) ElementTypes.number(type))
                : Attributes.none();
        return node.finish(
                "QuantizeLinear", a, y, single(ops, scale), zeroPoint == null ? null : single(ops, zeroPoint));
    }

    static List<Value> add(NodeLowering node) {
        return node.finish(node.op(MicrosoftDomain.NAME, "QLinearAdd", Attributes.none()), node.inputs());
    }

    static List<Value> mul(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Value scales = ops.add("Mul", single(ops, node.input(1)), single(ops, node.input(4)));
        Value ratio = ops.add("Div", scales, single(ops, node.input(6)));
        Value[] parts = new Value[2];
        for (int i = 0; i < 2; i++) {
            parts[i] = ops.cast(node.input(3 * i), DType.FLOAT32);
            if (node.input(3 * i + 2) != null) {
                parts[i] = ops.add("Sub", parts[i], zero(ops, 3 * i + 2));
            }
        }
        Value y = ops.add("Mul", ops.add("Mul", parts), ratio);
        return rounded(node, node.input(7) == null ? y : ops.add("Add", y, zero(ops, 7)), node.dtype(0));
    }

    private static Value zero(OpBuilder ops, int input) {
        return ops.cast(single(ops, ops.node().input(input)), DType.FLOAT32);
    }

    /** Rounds numbers to integers, half to even, and saturates them. */
    private static List<Value> rounded(NodeLowering node, Value y, DType type) {
        return quantise(node, y, type, new OpBuilder(node).scalar(DType.FLOAT32, 1), null);
    }

    private static List<Value> unary(NodeLowering node, UnaryOperator<Value> operator) {
        return quantise(node, operator.apply(real(node, 0)), node.dtype(0), node.input(3), node.input(4));
    }

    static List<Value> sigmoid(NodeLowering node) {
        return unary(node, x -> node.add("Sigmoid", Attributes.none(), x));
    }

    static List<Value> leakyRelu(NodeLowering node) {
        Attributes alpha = Attributes.none().with("alpha", node.attributes().real("alpha", 0.01f));
        return unary(node, x -> node.add("LeakyRelu", alpha, x));
    }

    static List<Value> softmax(NodeLowering node) {
        long axis = node.attributes().integer("axis", -1);
        if (node.attributes().integer("opset", 13) >= 13) {
            return unary(node, x -> node.add("Softmax", Attributes.none().with("axis", axis), x));
        }
        return unary(node, x -> {
            Value shape = node.add("Shape", Attributes.none(), x);
            Value matrix = node.add("Flatten", Attributes.none().with("axis", axis), x);
            Value y = node.add("Softmax", Attributes.none(), matrix);
            return node.add("Reshape", Attributes.none().with("allowzero", 1L), y, shape);
        });
    }

    static List<Value> reduceMean(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Attributes keep = Attributes.none().with("keepdims", node.attributes().integer("keepdims", 1));
        List<Long> axes = node.attributes().integers("axes", null);
        Value list = axes == null
                ? null
                : ops.integers(axes.stream().mapToLong(Long::longValue).toArray());
        return unary(node, x -> node.add("ReduceMean", keep, x, list));
    }

    static List<Value> averagePool(NodeLowering node) {
        Op op = node.op(
                MicrosoftDomain.NAME, "QLinearAveragePool", OnnxAttributes.without(node.attributes(), "channels_last"));
        return channelsFirst(node, op);
    }

    /** Applies an operator with channels first. Transposes input 0 and the result if the channels are last. */
    private static List<Value> channelsFirst(NodeLowering node, Op op) {
        if (!node.attributes().flag("channels_last", false)) {
            return node.finish(op, node.inputs());
        }
        List<Value> operands = new ArrayList<>(node.inputs());
        operands.set(0, channels(node, node.input(0), false));
        Value y = node.addAll(op, operands, 1).getFirst();
        return node.finish("Transpose", order(node, true), y);
    }

    /** QLinearGlobalAveragePool: the exact sum of each channel, scaled and divided by the number of elements. */
    static List<Value> globalAveragePool(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        boolean last = node.attributes().flag("channels_last", false);
        int rank = ops.rank(0);
        if (rank < 3) {
            throw node.error("input 0 of rank " + rank, "rank 3 and above", null);
        }
        long first = last ? 1 : 2;
        Value axes = ops.integers(LongStream.range(first, first + rank - 2).toArray());
        Value centred = ops.cast(node.input(0), DType.INT32);
        if (node.input(2) != null) {
            centred = ops.add("Sub", centred, ops.cast(single(ops, node.input(2)), DType.INT32));
        }
        Value sum = ops.cast(ops.add("ReduceSum", centred, axes), DType.FLOAT32);
        Value count = ops.add("ReduceProd", ops.dims(node.input(0), first, first + rank - 2));
        Value divisor = ops.add("Mul", single(ops, node.input(3)), ops.cast(ops.scalarOf(count), DType.FLOAT32));
        Value quotient = ops.add("Mul", sum, ops.add("Div", single(ops, node.input(1)), divisor));
        return quantise(node, quotient, node.dtype(0), ops.scalar(DType.FLOAT32, 1), node.input(4));
    }

    /** Moves the channels after the spatial axes, or from there to the front of them. */
    private static Value channels(NodeLowering node, Value x, boolean toLast) {
        return node.add("Transpose", order(node, toLast), x);
    }

    private static Attributes order(NodeLowering node, boolean toLast) {
        int rank = new OpBuilder(node).rank(0);
        if (rank < 3) {
            throw node.error("input 0 of rank " + rank, "rank 3 and above", null);
        }
        LongStream order = toLast
                ? LongStream.concat(LongStream.concat(LongStream.of(0), LongStream.range(2, rank)), LongStream.of(1))
                : LongStream.concat(LongStream.of(0, rank - 1L), LongStream.range(1, rank - 1L));
        return Attributes.none().with("perm", order.toArray());
    }

    static List<Value> maxPool(NodeLowering node) {
        Value y = node.add("MaxPool", node.attributes(), channels(node, node.input(0), false));
        return node.finish("Transpose", order(node, true), y);
    }

    static List<Value> conv(NodeLowering node) {
        return channelsFirst(
                node, node.op("", "QLinearConv", OnnxAttributes.without(node.attributes(), "channels_last")));
    }

    static List<Value> concat(NodeLowering node) {
        List<Value> parts = new ArrayList<>();
        int count = node.inputs().size();
        if (count < 5 || count % 3 != 2) {
            throw node.error(count + " inputs", "scale and zero point, then three for each part", null);
        }
        for (int i = 2; i < count; i += 3) {
            parts.add(real(node, i));
        }
        Value y = node.add("Concat", node.attributes(), parts.toArray(Value[]::new));
        return quantise(node, y, node.dtype(2), node.input(0), node.input(1));
    }

    static List<Value> where(NodeLowering node) {
        Value y = node.add("Where", Attributes.none(), node.input(0), real(node, 1), real(node, 4));
        return quantise(node, y, node.dtype(1), node.input(7), node.input(8));
    }

    /** QGemm: alpha times the product of A and B plus C. C has the scales of A and B. The result may be quantised. */
    static List<Value> gemm(NodeLowering node) {
        OpBuilder ops = new OpBuilder(node);
        Attributes a = node.attributes();
        Value left = a.flag("transA", false) ? ops.transpose(node.input(0), 1, 0) : node.input(0);
        Value right = a.flag("transB", false) ? ops.transpose(node.input(3), 1, 0) : node.input(3);
        Value zeroLeft = node.input(2) == null ? null : single(ops, node.input(2));
        Value sum = ops.add("MatMulInteger", left, right, zeroLeft, node.input(5));
        if (node.input(6) != null) {
            sum = ops.add("Add", sum, node.input(6));
        }
        Value scale = ops.add("Mul", single(ops, node.input(1)), node.input(4));
        float alpha = a.real("alpha", 1);
        if (alpha != 1) {
            scale = ops.add("Mul", scale, ops.scalar(DType.FLOAT32, alpha));
        }
        Value real = ops.cast(sum, DType.FLOAT32);
        if (node.input(7) == null) {
            return node.finish("Mul", Attributes.none(), real, scale);
        }
        Value quotient = ops.add("Mul", real, ops.add("Div", scale, single(ops, node.input(7))));
        return quantise(node, quotient, node.dtype(0), ops.scalar(DType.FLOAT32, 1), node.input(8));
    }

    static List<Value> matMulIntegerToFloat(NodeLowering node) {
        Value sum = node.add(
                "MatMulInteger", Attributes.none(), node.input(0), node.input(1), node.input(4), node.input(5));
        return scaled(node, sum, node.input(2), node.input(3), node.input(6));
    }

    static List<Value> dynamicQuantizeMatMul(NodeLowering node) {
        Op op = node.op("", "DynamicQuantizeLinear", Attributes.none());
        List<Value> a = node.addAll(op, List.of(node.required(0)), 3);
        Value sum = node.add("MatMulInteger", Attributes.none(), a.get(0), node.input(1), a.get(2), node.input(3));
        return scaled(node, sum, a.get(1), node.input(2), node.input(4));
    }

    private static List<Value> scaled(NodeLowering node, Value sum, Value aScale, Value bScale, Value bias) {
        OpBuilder ops = new OpBuilder(node);
        Value scale = ops.add("Mul", aScale, bScale);
        Value real = ops.cast(sum, ops.type(aScale));
        return bias == null
                ? node.finish("Mul", Attributes.none(), real, scale)
                : node.finish("Add", Attributes.none(), ops.add("Mul", real, scale), bias);
    }
}
