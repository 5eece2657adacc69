package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * A model file.
 *
 * @param irVersion the version of the file format, 0 if the file has none
 * @param opsetImports the operator sets that its graph uses
 * @param producerName the tool that wrote it
 * @param producerVersion the version of that tool
 * @param domain a reverse domain name of the model
 * @param modelVersion the version of the model itself
 * @param docString documentation
 * @param graph the main graph
 * @param metadata named values
 * @param functions operators defined by graphs
 */
public record ModelProto(
        long irVersion,
        List<OperatorSetId> opsetImports,
        String producerName,
        String producerVersion,
        String domain,
        long modelVersion,
        String docString,
        GraphProto graph,
        List<StringEntry> metadata,
        List<FunctionProto> functions) {
    /** Copies the lists. */
    public ModelProto {
        opsetImports = List.copyOf(opsetImports);
        metadata = List.copyOf(metadata);
        functions = List.copyOf(functions);
    }
}
