package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lowerings of Dropout. */
final class DropoutLowerings {
    private DropoutLowerings() {}

    /**
     * Dropout. It is canonical if it is known to drop nothing. Otherwise an element is kept if a random number in [0,
     * 1) is not below the ratio, and is divided by one minus the ratio.
     */
    static List<Value> dropout(NodeLowering node) {
        Value ratio = node.input(1);
        Value training = node.input(2);
        if (training == null || isFalse(training) || ratio != null && isZero(ratio)) {
            return node.unchanged();
        }
        DType type = node.dtype(0);
        DType wide = type == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Value zero = constant(node, wide, 0);
        Value one = constant(node, wide, 1);
        Value given = ratio == null ? constant(node, wide, 0.5) : cast(node, ratio, wide);
        Value active = node.add("Where", Attributes.none(), training, given, zero);
        Attributes random = to("dtype", wide);
        if (node.attributes().has("seed")) {
            random = random.with("seed", (double) node.attributes().integer("seed", 0));
        }
        Value numbers = node.add("RandomUniformLike", random, node.input(0));
        Value kept = node.add("GreaterOrEqual", Attributes.none(), numbers, active);
        Value rest = node.add("Sub", Attributes.none(), one, active);
        Value x = cast(node, node.input(0), wide);
        Value scaled = node.add("Div", Attributes.none(), x, rest);
        List<Value> results = new ArrayList<>();
        if (wide == type) {
            results.add(node.output(0, "Where", Attributes.none(), kept, scaled, zero));
        } else {
            Value chosen = node.add("Where", Attributes.none(), kept, scaled, zero);
            results.add(node.output(0, "Cast", to("to", type), chosen));
        }
        if (node.outputs() > 1) {
            results.add(node.output(1, "Identity", Attributes.none(), kept));
        }
        return results;
    }

    /**
     * Dropout before version 12, whose ratio is an attribute. Before version 7 it trains unless {@code is_test} is set.
     * Before version 10 the mask has the type of the data.
     */
    static List<Value> ratioAsAttribute(NodeLowering node) {
        Attributes a = node.attributes();
        boolean training = node.version() < 7 && !a.flag("is_test", false);
        Value ratio = node.constant(Tensor.scalar(a.real("ratio", 0.5f)));
        Value mode = training ? node.constant(Tensor.scalar(true)) : null;
        Op op = node.op("", "Dropout", Attributes.none());
        if (!node.areMoreOutputsNamed()) {
            return node.finish(op, Arrays.asList(node.input(0), ratio, mode));
        }
        if (node.version() >= 10) {
            return node.finish(op, Arrays.asList(node.input(0), ratio, mode));
        }
        List<Value> results = node.addAll(op, Arrays.asList(node.input(0), ratio, mode), 2);
        DType type = node.dtype(0);
        Attributes to = Attributes.none().with("to", (long) ElementTypes.number(type));
        Value output = node.output(0, "Identity", Attributes.none(), results.get(0));
        return Arrays.asList(output, node.output(1, "Cast", to, results.get(1)));
    }

    private static boolean isFalse(Value v) {
        return v.isConstant() && v.constant().size() == 1 && !v.constant().getBoolean(0);
    }

    private static boolean isZero(Value v) {
        return v.isConstant() && v.constant().size() == 1 && v.constant().getDouble(0) == 0;
    }

    private static Value constant(NodeLowering node, DType type, double value) {
        return node.constant(Tensor.convert(type, new double[] {value}, new long[0]));
    }

    private static Value cast(NodeLowering node, Value v, DType type) {
        return v.tensorType() != null && v.tensorType().dtype() == type ? v : node.add("Cast", to("to", type), v);
    }

    private static Attributes to(String name, DType type) {
        return Attributes.none().with(name, (long) ElementTypes.number(type));
    }
}
