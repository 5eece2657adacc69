package dev.tenon.formats.onnx.proto;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.formats.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Encodes records. Fields are in the order of their numbers, as other writers have them. Default values are left out.
 */
final class MessageEncoder {
    private int depth;

    WireWriter model(ModelProto model) {
        WireWriter out = new WireWriter();
        integer(out, 1, model.irVersion());
        text(out, 2, model.producerName());
        text(out, 3, model.producerVersion());
        text(out, 4, model.domain());
        integer(out, 5, model.modelVersion());
        text(out, 6, model.docString());
        out.message(7, graph(model.graph()));
        opsets(out, 8, model.opsetImports());
        entries(out, 14, model.metadata());
        for (FunctionProto function : model.functions()) {
            out.message(25, function(function));
        }
        return out;
    }

    private WireWriter graph(GraphProto graph) {
        enter();
        WireWriter out = new WireWriter();
        for (NodeProto node : graph.nodes()) {
            out.message(1, node(node));
        }
        text(out, 2, graph.name());
        for (TensorProto tensor : graph.initializers()) {
            out.message(5, tensor(tensor));
        }
        text(out, 10, graph.docString());
        valueInfos(out, 11, graph.inputs());
        valueInfos(out, 12, graph.outputs());
        valueInfos(out, 13, graph.valueInfos());
        for (TensorAnnotation annotation : graph.quantizationAnnotations()) {
            WireWriter message = new WireWriter();
            text(message, 1, annotation.tensorName());
            entries(message, 2, annotation.quantParameters());
            out.message(14, message);
        }
        for (SparseTensorProto tensor : graph.sparseInitializers()) {
            out.message(15, sparseTensor(tensor));
        }
        entries(out, 16, graph.metadata());
        depth--;
        return out;
    }

    private WireWriter node(NodeProto node) {
        WireWriter out = new WireWriter();
        texts(out, 1, node.inputs());
        texts(out, 2, node.outputs());
        text(out, 3, node.name());
        text(out, 4, node.opType());
        for (AttributeProto attribute : node.attributes()) {
            out.message(5, attribute(attribute));
        }
        text(out, 6, node.docString());
        text(out, 7, node.domain());
        text(out, 8, node.overload());
        entries(out, 9, node.metadata());
        return out;
    }

    private WireWriter function(FunctionProto function) {
        WireWriter out = new WireWriter();
        text(out, 1, function.name());
        texts(out, 4, function.inputs());
        texts(out, 5, function.outputs());
        texts(out, 6, function.attributes());
        for (NodeProto node : function.nodes()) {
            out.message(7, node(node));
        }
        text(out, 8, function.docString());
        opsets(out, 9, function.opsetImports());
        text(out, 10, function.domain());
        for (AttributeProto attribute : function.attributeDefaults()) {
            out.message(11, attribute(attribute));
        }
        valueInfos(out, 12, function.valueInfos());
        text(out, 13, function.overload());
        entries(out, 14, function.metadata());
        return out;
    }

    private WireWriter attribute(AttributeProto attribute) {
        WireWriter out = new WireWriter();
        text(out, 1, attribute.name());
        value(out, attribute.value());
        text(out, 13, attribute.docString());
        integer(out, 20, attribute.type().number());
        text(out, 21, attribute.refAttrName());
        return out;
    }

    private void value(WireWriter out, AttributeValue value) {
        switch (value) {
            case AttributeValue.NoValue none -> {}
            case AttributeValue.FloatValue single -> out.float32(2, single.value());
            case AttributeValue.IntValue single -> out.int64(3, single.value());
            case AttributeValue.StringValue single -> out.bytes(4, single.bytes());
            case AttributeValue.TensorValue single -> out.message(5, tensor(single.tensor()));
            case AttributeValue.GraphValue single -> out.message(6, graph(single.graph()));
            case AttributeValue.TypeValue single -> out.message(14, type(single.value()));
            case AttributeValue.SparseTensorValue single -> out.message(22, sparseTensor(single.tensor()));
            case AttributeValue.FloatsValue list -> out.packed(7, list.values());
            case AttributeValue.IntsValue list -> out.packed(8, list.values());
            case AttributeValue.StringsValue list -> byteStrings(out, 9, list.values());
            case AttributeValue.TensorsValue list -> list.tensors().forEach(t -> out.message(10, tensor(t)));
            case AttributeValue.GraphsValue list -> list.graphs().forEach(g -> out.message(11, graph(g)));
            case AttributeValue.TypesValue list -> list.values().forEach(t -> out.message(15, type(t)));
            case AttributeValue.SparseTensorsValue list ->
                list.tensors().forEach(t -> out.message(23, sparseTensor(t)));
        }
    }

    WireWriter tensor(TensorProto tensor) {
        WireWriter out = new WireWriter();
        dims(out, 1, tensor.dims());
        integer(out, 2, tensor.dataType());
        out.packed(4, tensor.floatData());
        out.packed(5, tensor.int32Data());
        byteStrings(out, 6, tensor.stringData());
        out.packed(7, tensor.int64Data());
        text(out, 8, tensor.name());
        tensor.rawData().ifPresent(raw -> out.bytes(9, raw));
        out.packed(10, tensor.doubleData());
        out.packed(11, tensor.uint64Data());
        text(out, 12, tensor.docString());
        entries(out, 13, tensor.externalData());
        integer(out, 14, tensor.external() ? 1 : 0);
        entries(out, 16, tensor.metadata());
        return out;
    }

    private WireWriter sparseTensor(SparseTensorProto tensor) {
        WireWriter out = new WireWriter();
        out.message(1, tensor(tensor.values()));
        out.message(2, tensor(tensor.indices()));
        dims(out, 3, tensor.dims());
        return out;
    }

    private WireWriter type(TypeProto type) {
        enter();
        WireWriter out = new WireWriter();
        switch (type.kind()) {
            case TypeProto.UnknownType unknown -> {}
            case TypeProto.DenseType dense ->
                out.message(1, tensorType(dense.elemType(), dense.shape().orElse(null)));
            case TypeProto.SparseType sparse ->
                out.message(8, tensorType(sparse.elemType(), sparse.shape().orElse(null)));
            case TypeProto.SequenceType sequence -> out.message(4, wrapped(sequence.element()));
            case TypeProto.OptionalType optional -> out.message(9, wrapped(optional.element()));
            case TypeProto.MapType map -> {
                WireWriter message = new WireWriter();
                integer(message, 1, map.keyType());
                message.message(2, type(map.value()));
                out.message(5, message);
            }
            case TypeProto.OpaqueType opaque -> {
                WireWriter message = new WireWriter();
                text(message, 1, opaque.domain());
                text(message, 2, opaque.name());
                out.message(7, message);
            }
        }
        text(out, 6, type.denotation());
        depth--;
        return out;
    }

    private WireWriter wrapped(TypeProto element) {
        WireWriter out = new WireWriter();
        out.message(1, type(element));
        return out;
    }

    private static WireWriter tensorType(int elemType, TensorShapeProto shape) {
        WireWriter out = new WireWriter();
        integer(out, 1, elemType);
        if (shape != null) {
            WireWriter message = new WireWriter();
            for (TensorShapeProto.Dimension dim : shape.dims()) {
                WireWriter encoded = new WireWriter();
                dim.value().ifPresent(value -> encoded.int64(1, value));
                text(encoded, 2, dim.param());
                text(encoded, 3, dim.denotation());
                message.message(1, encoded);
            }
            out.message(2, message);
        }
        return out;
    }

    WireWriter sequence(SequenceProto sequence) {
        enter();
        WireWriter out = new WireWriter();
        text(out, 1, sequence.name());
        integer(out, 2, sequence.elemType());
        sequence.tensors().forEach(t -> out.message(3, tensor(t)));
        sequence.sparseTensors().forEach(t -> out.message(4, sparseTensor(t)));
        sequence.sequences().forEach(s -> out.message(5, sequence(s)));
        sequence.maps().forEach(m -> out.message(6, map(m)));
        sequence.optionals().forEach(o -> out.message(7, optional(o)));
        depth--;
        return out;
    }

    WireWriter map(MapProto map) {
        enter();
        WireWriter out = new WireWriter();
        text(out, 1, map.name());
        integer(out, 2, map.keyType());
        out.packed(3, map.keys());
        byteStrings(out, 4, map.stringKeys());
        map.values().ifPresent(values -> out.message(5, sequence(values)));
        depth--;
        return out;
    }

    WireWriter optional(OptionalProto optional) {
        enter();
        WireWriter out = new WireWriter();
        text(out, 1, optional.name());
        integer(out, 2, optional.elemType());
        optional.tensor().ifPresent(t -> out.message(3, tensor(t)));
        optional.sparseTensor().ifPresent(t -> out.message(4, sparseTensor(t)));
        optional.sequence().ifPresent(s -> out.message(5, sequence(s)));
        optional.map().ifPresent(m -> out.message(6, map(m)));
        optional.optional().ifPresent(o -> out.message(7, optional(o)));
        depth--;
        return out;
    }

    private WireWriter valueInfo(ValueInfoProto info) {
        WireWriter out = new WireWriter();
        text(out, 1, info.name());
        info.type().ifPresent(type -> out.message(2, type(type)));
        text(out, 3, info.docString());
        entries(out, 4, info.metadata());
        return out;
    }

    private void valueInfos(WireWriter out, int field, List<ValueInfoProto> infos) {
        for (ValueInfoProto info : infos) {
            out.message(field, valueInfo(info));
        }
    }

    private static void opsets(WireWriter out, int field, List<OperatorSetId> opsets) {
        for (OperatorSetId opset : opsets) {
            WireWriter message = new WireWriter();
            text(message, 1, opset.domain());
            integer(message, 2, opset.version());
            out.message(field, message);
        }
    }

    private static void entries(WireWriter out, int field, List<StringEntry> entries) {
        for (StringEntry entry : entries) {
            WireWriter message = new WireWriter();
            text(message, 1, entry.key());
            text(message, 2, entry.value());
            out.message(field, message);
        }
    }

    private static void dims(WireWriter out, int field, List<Long> dims) {
        out.packed(
                field, Scalars.ofLongs(dims.stream().mapToLong(Long::longValue).toArray()));
    }

    private static void integer(WireWriter out, int field, long value) {
        if (value != 0) {
            out.int64(field, value);
        }
    }

    private static void text(WireWriter out, int field, String value) {
        if (!value.isEmpty()) {
            out.string(field, value);
        }
    }

    private static void texts(WireWriter out, int field, List<String> values) {
        for (String value : values) {
            out.string(field, value);
        }
    }

    private static void byteStrings(WireWriter out, int field, List<MemorySegment> values) {
        for (MemorySegment value : values) {
            out.bytes(field, value);
        }
    }

    private void enter() {
        if (++depth > Limits.MAX_NESTING) {
            throw new ResourceLimitException(
                    "ONNX writer",
                    "graphs, types or sequences nested deeper than " + depth,
                    "at most " + Limits.MAX_NESTING + " levels",
                    "a file nested deeper could not be read again");
        }
    }
}
