package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lowerings of older forms that several operators share. */
final class Lowerings {
    private Lowerings() {}

    /** Constant: the canonical form has no such operator, only constants. */
    static List<Value> constant(NodeLowering node) {
        Attributes a = node.attributes();
        Tensor value = null;
        for (Map.Entry<String, Object> e : a.asMap().entrySet()) {
            value = switch (e.getKey()) {
                case "value", "sparse_value" -> a.tensor(e.getKey());
                case "value_float" -> Tensor.scalar(a.real("value_float", 0));
                case "value_int" -> Tensor.scalar(a.integer("value_int", 0));
                case "value_string" -> Tensor.scalar(a.string("value_string", ""));
                case "value_floats" ->
                    Tensor.of(
                            floats(a.reals("value_floats")),
                            a.reals("value_floats").size());
                case "value_ints" ->
                    Tensor.of(
                            a.integers("value_ints").stream()
                                    .mapToLong(Long::longValue)
                                    .toArray(),
                            a.integers("value_ints").size());
                case "value_strings" ->
                    Tensor.of(
                            a.strings("value_strings").toArray(String[]::new),
                            a.strings("value_strings").size());
                default -> value;
            };
        }
        if (value == null) {
            throw node.error("attributes " + a.names(), "one value", null);
        }
        return List.of(node.constant(value));
    }

    private static float[] floats(List<Float> list) {
        float[] array = new float[list.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = list.get(i);
        }
        return array;
    }

    /** Operators whose axes were an attribute before they became the second input. */
    static List<Value> axesAsInput(NodeLowering node) {
        Attributes a = node.attributes();
        List<Value> operands = new ArrayList<>(List.of(node.input(0)));
        if (a.has("axes")) {
            List<Long> axes = a.integers("axes");
            operands.add(node.constant(
                    Tensor.of(axes.stream().mapToLong(Long::longValue).toArray(), axes.size())));
        }
        return node.finish(node.operator(), without(a, "axes"), operands.toArray(Value[]::new));
    }

    /** Attributes but some. */
    static Attributes without(Attributes a, String... names) {
        Attributes kept = Attributes.none();
        for (Map.Entry<String, Object> e : a.asMap().entrySet()) {
            if (!List.of(names).contains(e.getKey())) {
                kept = kept.with(e.getKey(), e.getValue());
            }
        }
        return kept;
    }

    /**
     * Softmax and its kin before version 13: over all dimensions from the axis on, as if the operand were a matrix. The
     * same as the canonical form where the axis is the last.
     */
    static List<Value> coercedToMatrix(NodeLowering node) {
        long axis = node.attributes().integer("axis", 1);
        if (node.shape(0).hasRank()) {
            int rank = node.shape(0).rank();
            if (axis == -1 || axis == rank - 1) {
                return node.with(Attributes.none().with("axis", -1L));
            }
        }
        Value shape = node.add("Shape", Attributes.none(), node.input(0));
        Value matrix = node.add("Flatten", Attributes.none().with("axis", axis), node.input(0));
        Value result = node.add(node.operator(), Attributes.none().with("axis", -1L), matrix);
        return node.finish("Reshape", Attributes.none().with("allowzero", 1L), result, shape);
    }
}
