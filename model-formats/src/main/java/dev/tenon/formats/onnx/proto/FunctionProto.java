package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * An operator defined by nodes.
 *
 * @param name the operator's name
 * @param domain its domain
 * @param overload which of several functions of one name
 * @param inputs names of its inputs
 * @param outputs names of its outputs
 * @param attributes names of attributes that a caller must give
 * @param attributeDefaults attributes that a caller may leave out, with their defaults
 * @param nodes the body
 * @param opsetImports the operator sets that the body uses
 * @param valueInfos types of values in the body
 * @param docString documentation
 * @param metadata named values
 */
public record FunctionProto(
        String name,
        String domain,
        String overload,
        List<String> inputs,
        List<String> outputs,
        List<String> attributes,
        List<AttributeProto> attributeDefaults,
        List<NodeProto> nodes,
        List<OperatorSetId> opsetImports,
        List<ValueInfoProto> valueInfos,
        String docString,
        List<StringEntry> metadata) {
    /** Copies the lists. */
    public FunctionProto {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = List.copyOf(attributes);
        attributeDefaults = List.copyOf(attributeDefaults);
        nodes = List.copyOf(nodes);
        opsetImports = List.copyOf(opsetImports);
        valueInfos = List.copyOf(valueInfos);
        metadata = List.copyOf(metadata);
    }
}
