package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** ConstantLowering of older forms that several operators share. */
final class ConstantLowering {
    private ConstantLowering() {}

    static List<Value> lower(NodeLowering node) {
        Attributes a = node.attributes();
        Tensor value = null;
        for (Map.Entry<String, Object> e : a.asMap().entrySet()) {
            value = switch (e.getKey()) {
                case "value", "sparse_value" -> a.tensor(e.getKey()).orElseThrow();
                case "value_float" -> Tensor.scalar(a.real("value_float", 0));
                case "value_int" -> Tensor.scalar(a.integer("value_int", 0));
                case "value_string" -> Tensor.scalar(a.string("value_string", ""));
                case "value_floats" ->
                    Tensor.of(
                            floats(a.reals("value_floats", List.of())),
                            a.reals("value_floats", List.of()).size());
                case "value_ints" ->
                    Tensor.of(
                            a.integers("value_ints", List.of()).stream()
                                    .mapToLong(Long::longValue)
                                    .toArray(),
                            a.integers("value_ints", List.of()).size());
                case "value_strings" ->
                    Tensor.of(
                            a.strings("value_strings", List.of()).toArray(String[]::new),
                            a.strings("value_strings", List.of()).size());
                default -> value;
            };
        }
        if (value == null) {
            throw node.error("attributes " + a.names(), "one value", null);
        }
        return node.constantOutput(value);
    }

    static float[] floats(List<Float> list) {
        float[] array = new float[list.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = list.get(i);
        }
        return array;
    }
}
