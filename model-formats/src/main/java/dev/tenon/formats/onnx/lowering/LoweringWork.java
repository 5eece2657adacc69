package dev.tenon.formats.onnx.lowering;

import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.onnx.proto.FunctionProto;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much work it is to lower a body once: its names, attributes and list entries, whatever becomes of them. A body
 * that many nodes use is lowered many times, and a small file could ask for work without end. The work of each body is
 * computed once. Confined to one thread.
 */
final class LoweringWork {
    /** So many characters or bytes of a string are as much work as a list entry. */
    private static final int STRING = 64;

    /** A type has nested types and dimensions, whose numbers are limited. */
    private static final int TYPE = 64;

    private final TopologicalOrder order;
    private final Map<Object, Long> known = new IdentityHashMap<>();

    /**
     * The work of the bodies of one model.
     *
     * @param order finds the names that bodies use from around them
     */
    LoweringWork(TopologicalOrder order) {
        this.order = order;
    }

    /** The work of one call of a function. */
    long of(FunctionProto function) {
        Long work = known.get(function);
        if (work == null) {
            work = 1
                    + strings(function.inputs())
                    + strings(function.outputs())
                    + attributes(function.attributeDefaults())
                    + nodes(function.nodes());
            known.put(function, work);
        }
        return work;
    }

    /** The work of a body of a node. */
    long of(GraphProto body) {
        Long work = known.get(body);
        if (work == null) {
            long sum = 1
                    + strings(order.freeNames(body))
                    + nodes(body.nodes())
                    + body.sparseInitializers().size();
            for (TensorProto t : body.initializers()) {
                sum += string(t.name());
            }
            for (ValueInfoProto v : body.inputs()) {
                sum += string(v.name()) + TYPE;
            }
            for (ValueInfoProto v : body.outputs()) {
                sum += string(v.name());
            }
            work = sum;
            known.put(body, work);
        }
        return work;
    }

    private long nodes(List<NodeProto> nodes) {
        long sum = 0;
        for (NodeProto node : nodes) {
            sum += string(node.name()) + string(node.opType()) + string(node.domain()) + string(node.overload());
            sum += strings(node.inputs()) + strings(node.outputs()) + attributes(node.attributes());
        }
        return sum;
    }

    private long attributes(List<AttributeProto> attributes) {
        long sum = 0;
        for (AttributeProto a : attributes) {
            sum += string(a.name()) + of(a.value());
        }
        return sum;
    }

    /** The work of reading the value of an attribute. */
    long of(AttributeValue value) {
        return switch (value) {
            case AttributeValue.IntsValue v -> 1 + v.values().count();
            case AttributeValue.FloatsValue v -> 1 + v.values().count();
            case AttributeValue.StringValue v -> 1 + v.bytes().byteSize() / STRING;
            case AttributeValue.StringsValue v -> {
                long sum = 1;
                for (MemorySegment s : v.values()) {
                    sum += 1 + s.byteSize() / STRING;
                }
                yield sum;
            }
            case AttributeValue.TensorsValue v -> 1 + v.tensors().size();
            case AttributeValue.TypeValue v -> TYPE;
            case AttributeValue.GraphValue v -> 1 + strings(order.freeNames(v.graph()));
            default -> 1;
        };
    }

    private static long strings(Iterable<String> strings) {
        long sum = 0;
        for (String s : strings) {
            sum += string(s);
        }
        return sum;
    }

    private static long string(String s) {
        return 1L + s.length() / STRING;
    }
}
