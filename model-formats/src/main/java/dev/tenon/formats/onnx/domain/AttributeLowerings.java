package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.data.OnnxAttributes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.formats.onnx.lowering.OpBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lowerings of older versions in which an operand was an attribute, or an attribute had another default or type. */
final class AttributeLowerings {
    private static final float SELU_ALPHA = 1.6732f;
    private static final float SELU_GAMMA = 1.0507f;

    /** The names of element types in the order of their numbers, from 1. */
    private static final List<String> TYPE_NAMES = List.of(
            "FLOAT",
            "UINT8",
            "INT8",
            "UINT16",
            "INT16",
            "INT32",
            "INT64",
            "STRING",
            "BOOL",
            "FLOAT16",
            "DOUBLE",
            "UINT32",
            "UINT64",
            "COMPLEX64",
            "COMPLEX128");

    private AttributeLowerings() {}

    /** Operators whose axes were an attribute before they became the second operand. */
    static List<Value> axes(NodeLowering node) {
        Attributes a = node.attributes();
        List<Value> operands = new ArrayList<>();
        operands.add(node.input(0));
        if (a.has("axes")) {
            operands.add(integers(node, a.integers("axes", List.of())));
        }
        return node.finish(node.operator(), OnnxAttributes.without(a, "axes"), operands.toArray(Value[]::new));
    }

    /**
     * Clip with bounds as attributes. By default they are those of float32 in version 6, and there are none in version
     * 1.
     */
    static List<Value> clip(NodeLowering node) {
        Attributes a = node.attributes();
        boolean bounded = node.version() >= 6 && node.dtype(0).isFloating();
        Value least = bound(node, a.has("min") || bounded, a.real("min", -Float.MAX_VALUE));
        Value greatest = bound(node, a.has("max") || bounded, a.real("max", Float.MAX_VALUE));
        return node.finish("Clip", Attributes.none(), node.input(0), least, greatest);
    }

    private static Value bound(NodeLowering node, boolean given, float value) {
        return given ? node.constant(scalar(node.dtype(0), value)) : null;
    }

    private static Tensor scalar(DType type, double value) {
        Tensor t = Tensor.allocate(type);
        t.setDouble(0, value);
        return t;
    }

    /** Selu-1, whose defaults have fewer digits. */
    static List<Value> selu(NodeLowering node) {
        Attributes a = node.attributes();
        return node.with(Attributes.none()
                .with("alpha", a.real("alpha", SELU_ALPHA))
                .with("gamma", a.real("gamma", SELU_GAMMA)));
    }

    /** Cast-1, which names the type. */
    static List<Value> castByName(NodeLowering node) {
        String to = node.attributes().string("to", "");
        int number = TYPE_NAMES.indexOf(to) + 1;
        if (number == 0) {
            throw node.error("attribute 'to' is '" + to + "'", String.join(", ", TYPE_NAMES), null);
        }
        return node.with(Attributes.none().with("to", (long) number));
    }

    /** Cast. In version 23, NaN becomes the greatest number if the result type has no NaN. */
    static List<Value> cast(NodeLowering node) {
        DType to = Types.ofCode(node.attributes().integer("to", 0)).orElse(null);
        boolean real = node.dtype(0) != null && node.dtype(0).isFloating();
        if (node.version() != 23 || to != DType.FLOAT4E2M1 || !real) {
            return node.unchanged();
        }
        OpBuilder ops = new OpBuilder(node);
        // Where does not take narrower types. They are exact in float32.
        Value given = node.dtype(0).bits() < 16 ? ops.cast(node.input(0), DType.FLOAT32) : node.input(0);
        Value greatest = ops.scalar(ops.type(given), 6);
        Value x = ops.add("Where", ops.add("IsNaN", given), greatest, given);
        return node.finish("Cast", node.attributes(), x);
    }

    /** Concat-1, whose axis has a default. */
    static List<Value> concat(NodeLowering node) {
        Attributes axis = Attributes.none().with("axis", node.attributes().integer("axis", 1));
        return node.finish(node.op("", "Concat", axis), node.inputs());
    }

    /** OneHot-9, for which negative indices are out of range and do not count from the end. */
    static List<Value> oneHotOfNatural(NodeLowering node) {
        Attributes toInt64 = Attributes.none().with("to", (long) ElementTypes.number(DType.INT64));
        Value indices = node.add("Cast", toInt64, node.input(0));
        Value depth = node.add("Cast", toInt64, node.input(1));
        Value outside = node.add("Reshape", Attributes.none(), depth, integers(node, List.of()));
        Value negative = node.add("Less", Attributes.none(), indices, node.constant(Tensor.scalar(0L)));
        Value safe = node.add("Where", Attributes.none(), negative, outside, indices);
        return node.finish("OneHot", node.attributes(), safe, depth, node.input(2));
    }

    /** Pad with pads and value as attributes. In version 1, {@code pads} is {@code paddings}. */
    static List<Value> pad(NodeLowering node) {
        Attributes a = node.attributes();
        String name = node.version() == 1 ? "paddings" : "pads";
        Value pads = integers(node, required(node, name));
        Value value = a.has("value") ? node.constant(scalar(node.dtype(0), a.real("value", 0))) : null;
        return node.finish("Pad", OnnxAttributes.without(a, name, "value"), node.input(0), pads, value);
    }

    /** Reshape-1, with the shape as an attribute. */
    static List<Value> reshape(NodeLowering node) {
        Value shape = integers(node, required(node, "shape"));
        return node.finish("Reshape", Attributes.none(), node.input(0), shape);
    }

    /** Scatter, the former name of ScatterElements. */
    static List<Value> scatter(NodeLowering node) {
        return node.finish(node.op("", "ScatterElements", node.attributes()), node.inputs());
    }

    /** Slice-1, with starts, ends and axes as attributes. */
    static List<Value> slice(NodeLowering node) {
        Value starts = integers(node, required(node, "starts"));
        Value ends = integers(node, required(node, "ends"));
        Value axes =
                node.attributes().has("axes") ? integers(node, node.attributes().integers("axes", List.of())) : null;
        return node.finish("Slice", Attributes.none(), node.input(0), starts, ends, axes);
    }

    /** Split before version 18. Its sizes are an attribute or an operand. Without sizes, all pieces are equal. */
    static List<Value> split(NodeLowering node) {
        Attributes axis = Attributes.none().with("axis", node.attributes().integer("axis", 0));
        Value sizes = node.input(1);
        if (sizes != null && node.version() == 1) {
            sizes = node.add("Cast", Attributes.none().with("to", (long) ElementTypes.number(DType.INT64)), sizes);
        } else if (node.attributes().has("split")) {
            sizes = integers(node, node.attributes().integers("split", List.of()));
        }
        if (sizes != null) {
            return node.finish("Split", axis, node.input(0), sizes);
        }
        Shape data = node.shape(0);
        long at = axis.integer("axis", 0);
        if (data.hasRank() && at >= -data.rank() && at < data.rank()) {
            Dim d = data.dim((int) (at < 0 ? at + data.rank() : at));
            if (d.isKnown() && d.value() % Math.max(1, node.outputs()) != 0) {
                throw node.error(
                        "dimension " + d + " of " + data + " in " + node.outputs() + " equal pieces",
                        "a multiple of " + node.outputs(),
                        "give the sizes");
            }
        }
        return node.finish("Split", axis.with("num_outputs", (long) node.outputs()), node.input(0));
    }

    /** Tile-1, which repeats along one axis. */
    static List<Value> tileAlongAxis(NodeLowering node) {
        if (!node.shape(0).hasRank()) {
            throw node.error("an input of unknown rank", "a known rank", "export with operator set 6 or above");
        }
        Attributes toInt64 = Attributes.none().with("to", (long) ElementTypes.number(DType.INT64));
        Value one = integers(node, List.of(1L));
        Value times = node.add("Reshape", Attributes.none(), node.add("Cast", toInt64, node.input(1)), one);
        Value axis = node.add("Reshape", Attributes.none(), node.add("Cast", toInt64, node.input(2)), one);
        long[] ones = new long[node.shape(0).rank()];
        Arrays.fill(ones, 1);
        Value repeats = node.add(
                "ScatterElements", Attributes.none(), node.constant(Tensor.of(ones, ones.length)), axis, times);
        return node.finish("Tile", Attributes.none(), node.input(0), repeats);
    }

    /** TopK-1, with k as an attribute. */
    static List<Value> topK(NodeLowering node) {
        Attributes a = node.attributes();
        if (!a.has("k")) {
            throw node.error("no attribute 'k'", "the number of elements", null);
        }
        Value k = integers(node, List.of(a.integer("k", 0)));
        return node.finish("TopK", OnnxAttributes.without(a, "k"), node.input(0), k);
    }

    /**
     * Attention-23 and Attention-24. As first released, mode 1 of {@code qk_matmul_output_mode} gives the scores with
     * the mask. Later it became the scores after softcap. Without softcap, only the first meaning makes sense.
     */
    static List<Value> attention(NodeLowering node) {
        Attributes a = node.attributes();
        boolean masked = node.version() < 25 && a.integer("qk_matmul_output_mode", 0) == 1 && a.real("softcap", 0) == 0;
        return masked ? node.with(a.with("qk_matmul_output_mode", 2L)) : node.unchanged();
    }

    /** RNN, LSTM and GRU before version 7. Since then, the names of the outputs tell which outputs are made. */
    static List<Value> recurrent(NodeLowering node) {
        return node.with(OnnxAttributes.without(node.attributes(), "output_sequence"));
    }

    /** DFT before version 20, whose axis is an attribute. */
    static List<Value> dft(NodeLowering node) {
        Value axis = node.constant(Tensor.scalar(node.attributes().integer("axis", 1)));
        return node.finish(
                "DFT", OnnxAttributes.without(node.attributes(), "axis"), node.input(0), node.input(1), axis);
    }

    /** DynamicSlice, an experimental operator that became Slice-10. */
    static List<Value> dynamicSlice(NodeLowering node) {
        return node.finish("Slice", Attributes.none(), node.input(0), node.input(1), node.input(2), node.input(3));
    }

    private static List<Long> required(NodeLowering node, String name) {
        List<Long> list = node.attributes().integers(name, null);
        if (list == null) {
            throw node.error("no attribute '" + name + "'", "a list of integers", null);
        }
        return list;
    }

    private static Value integers(NodeLowering node, List<Long> list) {
        long[] numbers = new long[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = list.get(i);
        }
        return node.constant(Tensor.of(numbers, numbers.length));
    }
}
