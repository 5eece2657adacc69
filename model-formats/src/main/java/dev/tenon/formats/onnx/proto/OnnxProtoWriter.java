package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.protobuf.WireWriter;

/**
 * Encodes the messages of ONNX files. The result refers to the large data of the records instead of copying it, knows
 * its size, and is written as a stream: {@code OnnxProtoWriter.encode(model).writeTo(path)}.
 *
 * <p>A record is written as it is, even if it is not valid. The encoding is deterministic: equal records give equal
 * bytes. Each method throws {@link dev.tenon.error.ResourceLimitException} if graphs, types or sequences are nested deeper than a
 * reader would accept.
 */
public final class OnnxProtoWriter {
    private OnnxProtoWriter() {}

    /**
     * Encodes a model.
     *
     * @param model the model
     * @return its encoding
     */
    public static WireWriter encode(ModelProto model) {
        return new MessageEncoder().model(model);
    }

    /**
     * Encodes a tensor.
     *
     * @param tensor the tensor
     * @return its encoding
     */
    public static WireWriter encode(TensorProto tensor) {
        return new MessageEncoder().tensor(tensor);
    }

    /**
     * Encodes a sequence.
     *
     * @param sequence the sequence
     * @return its encoding
     */
    public static WireWriter encode(SequenceProto sequence) {
        return new MessageEncoder().sequence(sequence);
    }

    /**
     * Encodes an optional value.
     *
     * @param optional the optional value
     * @return its encoding
     */
    public static WireWriter encode(OptionalProto optional) {
        return new MessageEncoder().optional(optional);
    }

    /**
     * Encodes a map.
     *
     * @param map the map
     * @return its encoding
     */
    public static WireWriter encode(MapProto map) {
        return new MessageEncoder().map(map);
    }
}
