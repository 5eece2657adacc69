package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Lowerings of quantised operators of the domain {@code com.microsoft}: dequantise, compute in float32, quantise. */
final class MicrosoftQuantised {
    private MicrosoftQuantised() {}

    static void add(LineList list) {
        if (list.asks("QuantizeLinear", "DequantizeLinear")) list.line(1, MicrosoftLines::sameName);
        if (list.asks("QLinearAdd")) list.line(1, MicrosoftQuantised::sum);
        if (list.asks("QLinearMul")) list.line(1, MicrosoftQuantised::product);
        if (list.asks("QLinearSigmoid"))
            list.line(1, node -> unary(node, x -> node.add("Sigmoid", Attributes.none(), x)));
        if (list.asks("QLinearLeakyRelu"))
            list.line(1, node -> {
                Attributes alpha =
                        Attributes.none().with("alpha", node.attributes().real("alpha", 0.01f));
                return unary(node, x -> node.add("LeakyRelu", alpha, x));
            });
        if (list.asks("QLinearSoftmax")) list.line(1, MicrosoftQuantised::softmax);
        if (list.asks("QLinearReduceMean")) list.line(1, MicrosoftQuantised::mean);
        if (list.asks("QLinearAveragePool")) list.line(1, MicrosoftQuantised::averagePool);
        if (list.asks("QLinearGlobalAveragePool")) list.line(1, MicrosoftQuantised::globalPool);
        if (list.asks("QLinearConcat")) list.line(1, MicrosoftQuantised::concat);
        if (list.asks("QLinearWhere")) list.line(1, MicrosoftQuantised::where);
        if (list.asks("QLinearConv")) list.line(1, MicrosoftQuantised::convolution);
        if (list.asks("NhwcMaxPool")) list.line(1, MicrosoftQuantised::maxPool);
        if (list.asks("QGemm")) list.line(1, MicrosoftQuantised::gemm);
        if (list.asks("MatMulIntegerToFloat")) list.line(1, MicrosoftQuantised::integersToFloat);
        if (list.asks("DynamicQuantizeMatMul")) list.line(1, MicrosoftQuantised::dynamic);
    }

    /** The real numbers that an operand stands for; its scale and zero point follow it. */
    private static Value real(NodeLowering node, int at) {
        return real(node, node.input(at), node.input(at + 1), node.input(at + 2));
    }

    private static Value real(NodeLowering node, Value x, Value scale, Value zeroPoint) {
        Steps steps = new Steps(node);
        Value zero = zeroPoint == null ? null : single(steps, zeroPoint);
        return steps.add("DequantizeLinear", x, single(steps, scale), zero);
    }

    /** A parameter of one element as a scalar, whatever its rank. */
    private static Value single(Steps steps, Value v) {
        return v.tensorType() != null
                        && v.tensorType().shape().hasRank()
                        && v.tensorType().shape().rank() == 0
                ? v
                : steps.scalarOf(v);
    }

    private static List<Value> quantise(NodeLowering node, Value y, DType type, Value scale, Value zeroPoint) {
        Steps steps = new Steps(node);
        Attributes a = zeroPoint == null
                ? Attributes.none().with("output_dtype", (long) ElementTypes.number(type))
                : Attributes.none();
        return node.finish(
                "QuantizeLinear", a, y, single(steps, scale), zeroPoint == null ? null : single(steps, zeroPoint));
    }

    /**
     * Each operand in units of the result's scale, the zero points gathered in one term, which is added before rounding:
     * a sum halfway between two integers goes to the one that is even with the zero point in it.
     */
    private static List<Value> sum(NodeLowering node) {
        Steps steps = new Steps(node);
        Value unit = single(steps, node.input(6));
        Value[] parts = new Value[2];
        Value fixed = null;
        for (int i = 0; i < 2; i++) {
            Value ratio = steps.add("Div", single(steps, node.input(3 * i + 1)), unit);
            parts[i] = steps.add("Mul", steps.cast(node.input(3 * i), DType.FLOAT32), ratio);
            if (node.input(3 * i + 2) != null) {
                Value zero = steps.add("Mul", ratio, zero(steps, 3 * i + 2));
                fixed = fixed == null ? zero : steps.add("Add", fixed, zero);
            }
        }
        if (node.input(7) != null) {
            fixed = fixed == null ? zero(steps, 7) : steps.add("Sub", zero(steps, 7), fixed);
        } else if (fixed != null) {
            fixed = steps.add("Neg", fixed);
        }
        Value second = fixed == null ? parts[1] : steps.add("Add", parts[1], fixed);
        return rounded(node, steps.add("Add", parts[0], second), node.dtype(0));
    }

    private static List<Value> product(NodeLowering node) {
        Steps steps = new Steps(node);
        Value scales = steps.add("Mul", single(steps, node.input(1)), single(steps, node.input(4)));
        Value ratio = steps.add("Div", scales, single(steps, node.input(6)));
        Value[] parts = new Value[2];
        for (int i = 0; i < 2; i++) {
            parts[i] = steps.cast(node.input(3 * i), DType.FLOAT32);
            if (node.input(3 * i + 2) != null) {
                parts[i] = steps.add("Sub", parts[i], zero(steps, 3 * i + 2));
            }
        }
        Value y = steps.add("Mul", steps.add("Mul", parts), ratio);
        return rounded(node, node.input(7) == null ? y : steps.add("Add", y, zero(steps, 7)), node.dtype(0));
    }

    private static Value zero(Steps steps, int input) {
        return steps.cast(single(steps, steps.node().input(input)), DType.FLOAT32);
    }

    /** Numbers rounded to integers, half to even, and saturated. */
    private static List<Value> rounded(NodeLowering node, Value y, DType type) {
        return quantise(node, y, type, new Steps(node).scalar(DType.FLOAT32, 1), null);
    }

    private static List<Value> unary(NodeLowering node, UnaryOperator<Value> operator) {
        return quantise(node, operator.apply(real(node, 0)), node.dtype(0), node.input(3), node.input(4));
    }

    private static List<Value> softmax(NodeLowering node) {
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

    private static List<Value> mean(NodeLowering node) {
        Steps steps = new Steps(node);
        Attributes keep = Attributes.none().with("keepdims", node.attributes().integer("keepdims", 1));
        List<Long> axes = node.attributes().integers("axes", null);
        Value list = axes == null
                ? null
                : steps.integers(axes.stream().mapToLong(Long::longValue).toArray());
        return unary(node, x -> node.add("ReduceMean", keep, x, list));
    }

    private static List<Value> averagePool(NodeLowering node) {
        Op op = node.op(
                MicrosoftLines.DOMAIN, "QLinearAveragePool", Lowerings.without(node.attributes(), "channels_last"));
        return channelsFirst(node, op);
    }

    /** An operator that has its channels in front, applied to input 0 as it is or, if its channels are last, turned. */
    private static List<Value> channelsFirst(NodeLowering node, Op op) {
        if (!node.attributes().flag("channels_last", false)) {
            return node.finish(op, node.inputs());
        }
        List<Value> operands = new ArrayList<>(node.inputs());
        operands.set(0, channels(node, node.input(0), false));
        Value y = node.addAll(op, operands, 1).getFirst();
        return node.finish("Transpose", order(node, true), y);
    }

    /** The exact sum of each channel, times the scales over the number of its elements. */
    private static List<Value> globalPool(NodeLowering node) {
        Steps steps = new Steps(node);
        boolean last = node.attributes().flag("channels_last", false);
        int rank = steps.rank(0);
        if (rank < 3) {
            throw node.error("input 0 of rank " + rank, "rank 3 and above", null);
        }
        long first = last ? 1 : 2;
        Value axes = steps.integers(LongStream.range(first, first + rank - 2).toArray());
        Value centred = steps.cast(node.input(0), DType.INT32);
        if (node.input(2) != null) {
            centred = steps.add("Sub", centred, steps.cast(single(steps, node.input(2)), DType.INT32));
        }
        Value sum = steps.cast(steps.add("ReduceSum", centred, axes), DType.FLOAT32);
        Value count = steps.add("ReduceProd", steps.dims(node.input(0), first, first + rank - 2));
        Value divisor =
                steps.add("Mul", single(steps, node.input(3)), steps.cast(steps.scalarOf(count), DType.FLOAT32));
        Value quotient = steps.add("Mul", sum, steps.add("Div", single(steps, node.input(1)), divisor));
        return quantise(node, quotient, node.dtype(0), steps.scalar(DType.FLOAT32, 1), node.input(4));
    }

    /** Moves the channels behind the axes of space, or from there to the front of them. */
    private static Value channels(NodeLowering node, Value x, boolean toLast) {
        return node.add("Transpose", order(node, toLast), x);
    }

    private static Attributes order(NodeLowering node, boolean toLast) {
        int rank = new Steps(node).rank(0);
        if (rank < 3) {
            throw node.error("input 0 of rank " + rank, "rank 3 and above", null);
        }
        LongStream order = toLast
                ? LongStream.concat(LongStream.concat(LongStream.of(0), LongStream.range(2, rank)), LongStream.of(1))
                : LongStream.concat(LongStream.of(0, rank - 1L), LongStream.range(1, rank - 1L));
        return Attributes.none().with("perm", order.toArray());
    }

    private static List<Value> maxPool(NodeLowering node) {
        Value y = node.add("MaxPool", node.attributes(), channels(node, node.input(0), false));
        return node.finish("Transpose", order(node, true), y);
    }

    private static List<Value> convolution(NodeLowering node) {
        return channelsFirst(node, node.op("", "QLinearConv", Lowerings.without(node.attributes(), "channels_last")));
    }

    private static List<Value> concat(NodeLowering node) {
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

    private static List<Value> where(NodeLowering node) {
        Value y = node.add("Where", Attributes.none(), node.input(0), real(node, 1), real(node, 4));
        return quantise(node, y, node.dtype(1), node.input(7), node.input(8));
    }

    /** Alpha times the product of A and B plus C, which is quantised by the scales of A and B; quantised if asked for. */
    private static List<Value> gemm(NodeLowering node) {
        Steps steps = new Steps(node);
        Attributes a = node.attributes();
        Value left = a.flag("transA", false) ? steps.transpose(node.input(0), 1, 0) : node.input(0);
        Value right = a.flag("transB", false) ? steps.transpose(node.input(3), 1, 0) : node.input(3);
        Value zeroLeft = node.input(2) == null ? null : single(steps, node.input(2));
        Value sum = steps.add("MatMulInteger", left, right, zeroLeft, node.input(5));
        if (node.input(6) != null) {
            sum = steps.add("Add", sum, node.input(6));
        }
        Value scale = steps.add("Mul", single(steps, node.input(1)), node.input(4));
        float alpha = a.real("alpha", 1);
        if (alpha != 1) {
            scale = steps.add("Mul", scale, steps.scalar(DType.FLOAT32, alpha));
        }
        Value real = steps.cast(sum, DType.FLOAT32);
        if (node.input(7) == null) {
            return node.finish("Mul", Attributes.none(), real, scale);
        }
        Value quotient = steps.add("Mul", real, steps.add("Div", scale, single(steps, node.input(7))));
        return quantise(node, quotient, node.dtype(0), steps.scalar(DType.FLOAT32, 1), node.input(8));
    }

    private static List<Value> integersToFloat(NodeLowering node) {
        Value sum = node.add(
                "MatMulInteger", Attributes.none(), node.input(0), node.input(1), node.input(4), node.input(5));
        return scaled(node, sum, node.input(2), node.input(3), node.input(6));
    }

    private static List<Value> dynamic(NodeLowering node) {
        Op op = node.op("", "DynamicQuantizeLinear", Attributes.none());
        List<Value> a = node.addAll(op, List.of(node.input(0)), 3);
        Value sum = node.add("MatMulInteger", Attributes.none(), a.get(0), node.input(1), a.get(2), node.input(3));
        return scaled(node, sum, a.get(1), node.input(2), node.input(4));
    }

    private static List<Value> scaled(NodeLowering node, Value sum, Value aScale, Value bScale, Value bias) {
        Steps steps = new Steps(node);
        Value scale = steps.add("Mul", aScale, bScale);
        Value real = steps.cast(sum, steps.type(aScale));
        return bias == null
                ? node.finish("Mul", Attributes.none(), real, scale)
                : node.finish("Add", Attributes.none(), steps.add("Mul", real, scale), bias);
    }
}
