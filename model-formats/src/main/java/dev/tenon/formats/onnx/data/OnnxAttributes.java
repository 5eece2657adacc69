package dev.tenon.formats.onnx.data;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.graph.Node;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Converts attributes of operators to messages of ONNX files. */
public final class OnnxAttributes {
    private OnnxAttributes() {}

    /**
     * All attributes except some.
     *
     * @param attributes the attributes
     * @param names the names of those to leave out
     * @return the other attributes
     */
    public static Attributes without(Attributes attributes, String... names) {
        Map<String, Object> kept = new HashMap<>(attributes.asMap());
        kept.keySet().removeAll(Set.of(names));
        return Attributes.none().withAll(kept);
    }

    /**
     * The message of the value of an attribute that is no graph.
     *
     * @param node the node, for the error message
     * @param name the name of the attribute, for the error message
     * @param value the value
     * @return the message
     * @throws UnsupportedModelException if ONNX has no attributes of such values
     */
    public static AttributeValue toProto(Node node, String name, Object value) {
        return switch (value) {
            case Long v -> new AttributeValue.IntValue(v);
            case Float v -> new AttributeValue.FloatValue(v);
            case String v -> new AttributeValue.StringValue(v);
            case Tensor v -> new AttributeValue.TensorValue(OnnxTensors.toProto("", v));
            case ValueType v -> new AttributeValue.TypeValue(OnnxTypes.toProto(v));
            case List<?> v -> list(node, name, v);
            default -> throw unsupported(node, name, value);
        };
    }

    /** A list is of one kind; an empty one is written as of integers. */
    private static AttributeValue list(Node node, String name, List<?> list) {
        if (list.isEmpty() || list.getFirst() instanceof Long) {
            return new AttributeValue.IntsValue(
                    Scalars.ofLongs(list.stream().mapToLong(e -> (Long) e).toArray()));
        }
        return switch (list.getFirst()) {
            case Float first -> {
                float[] values = new float[list.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (Float) list.get(i);
                }
                yield new AttributeValue.FloatsValue(Scalars.ofFloats(values));
            }
            case String first -> {
                List<MemorySegment> values = new ArrayList<>();
                for (Object e : list) {
                    values.add(MemorySegment.ofArray(((String) e).getBytes(StandardCharsets.UTF_8)));
                }
                yield new AttributeValue.StringsValue(values);
            }
            case Tensor first -> {
                List<TensorProto> values = new ArrayList<>();
                for (Object e : list) {
                    values.add(OnnxTensors.toProto("", (Tensor) e));
                }
                yield new AttributeValue.TensorsValue(values);
            }
            default -> throw unsupported(node, name, list);
        };
    }

    private static UnsupportedModelException unsupported(Node node, String name, Object value) {
        return new UnsupportedModelException(
                node + ", attribute '" + name + "'",
                "a value of " + value.getClass().getSimpleName(),
                "numbers, strings, tensors, types, graphs, and lists of the first three",
                null);
    }
}
