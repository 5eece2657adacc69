package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * A node.
 *
 * @param inputs the names of its operands, {@code ""} for one that is left out
 * @param outputs the names of its results, {@code ""} for one that is not used
 * @param name its name, often {@code ""}
 * @param opType the operator
 * @param domain the operator's domain. {@code ""} and {@code "ai.onnx"} are the main domain
 * @param overload which of several functions of one name
 * @param attributes its attributes
 * @param docString documentation
 * @param metadata named values
 */
public record NodeProto(
        List<String> inputs,
        List<String> outputs,
        String name,
        String opType,
        String domain,
        String overload,
        List<AttributeProto> attributes,
        String docString,
        List<StringEntry> metadata) {
    /** Copies the lists. */
    public NodeProto {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = List.copyOf(attributes);
        metadata = List.copyOf(metadata);
    }
}
