package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * A graph: the model's own, or one held by an attribute.
 *
 * @param name its name
 * @param nodes its nodes, which a valid model has in topological order
 * @param initializers named constants
 * @param sparseInitializers named constants in sparse form. The name is that of the values
 * @param inputs its inputs. Before IR version 4 the initializers are among them
 * @param outputs its outputs
 * @param valueInfos types of values between
 * @param docString documentation
 * @param quantizationAnnotations quantisation parameters of tensors
 * @param metadata named values
 */
public record GraphProto(
        String name,
        List<NodeProto> nodes,
        List<TensorProto> initializers,
        List<SparseTensorProto> sparseInitializers,
        List<ValueInfoProto> inputs,
        List<ValueInfoProto> outputs,
        List<ValueInfoProto> valueInfos,
        String docString,
        List<TensorAnnotation> quantizationAnnotations,
        List<StringEntry> metadata) {
    /** Copies the lists. */
    public GraphProto {
        nodes = List.copyOf(nodes);
        initializers = List.copyOf(initializers);
        sparseInitializers = List.copyOf(sparseInitializers);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        valueInfos = List.copyOf(valueInfos);
        quantizationAnnotations = List.copyOf(quantizationAnnotations);
        metadata = List.copyOf(metadata);
    }
}
