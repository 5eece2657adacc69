package dev.tenon.formats.onnx.lowering;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.onnx.data.OnnxTypes;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.op.Attributes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the attributes of nodes. Leaves graphs out: the lowerings of the operators that hold them read them. */
final class AttributeReader {
    private final ModelLowering model;

    AttributeReader(ModelLowering model) {
        this.model = model;
    }

    /**
     * Replaces references to attributes of a function by the values that its call gives.
     *
     * @param own the attributes of a node in the function
     * @param given the attributes of the call and the defaults of the function, null outside of functions
     * @return the attributes by name, without references to attributes that have no value
     */
    static Map<String, AttributeValue> resolve(List<AttributeProto> own, Map<String, AttributeValue> given) {
        Map<String, AttributeValue> resolved = new HashMap<>();
        for (AttributeProto a : own) {
            if (a.refAttrName().isEmpty()) {
                resolved.put(a.name(), a.value());
            } else if (given != null && given.containsKey(a.refAttrName())) {
                resolved.put(a.name(), given.get(a.refAttrName()));
            }
        }
        return resolved;
    }

    /** The attributes of a node, except graphs. */
    Attributes read(String node, Map<String, AttributeValue> values) {
        Map<String, Object> read = new HashMap<>();
        for (Map.Entry<String, AttributeValue> e : values.entrySet()) {
            Object value = value(node, e.getKey(), e.getValue());
            if (value != null) {
                read.put(e.getKey(), value);
            }
        }
        return Attributes.none().withAll(read);
    }

    private Object value(String node, String name, AttributeValue value) {
        return switch (value) {
            case AttributeValue.IntValue v -> v.value();
            case AttributeValue.FloatValue v -> v.value();
            case AttributeValue.StringValue v -> v.bytes().toArray(ValueLayout.JAVA_BYTE);
            case AttributeValue.TensorValue v -> model.tensor(v.tensor());
            case AttributeValue.SparseTensorValue v -> model.tensor(v.tensor());
            case AttributeValue.TypeValue v -> OnnxTypes.toType(v.value(), "node " + node + ", attribute " + name);
            case AttributeValue.IntsValue v -> v.values().toLongs();
            case AttributeValue.FloatsValue v -> v.values().toFloats();
            case AttributeValue.StringsValue v -> strings(v.values());
            case AttributeValue.TensorsValue v -> tensors(v.tensors());
            case AttributeValue.GraphValue v -> null;
            case AttributeValue.NoValue v -> null;
            default ->
                throw new MalformedModelException(
                        "node '" + node + "', attribute '" + name + "'",
                        "a value of type " + value.type(),
                        "a number, string, tensor, type, graph, or a list of the first three",
                        null);
        };
    }

    private static List<Object> strings(List<MemorySegment> values) {
        List<Object> list = new ArrayList<>();
        for (MemorySegment s : values) {
            list.add(s.toArray(ValueLayout.JAVA_BYTE));
        }
        return list;
    }

    private List<Object> tensors(List<TensorProto> values) {
        List<Object> list = new ArrayList<>();
        for (TensorProto t : values) {
            list.add(model.tensor(t));
        }
        return list;
    }
}
