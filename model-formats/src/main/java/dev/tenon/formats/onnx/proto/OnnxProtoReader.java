package dev.tenon.formats.onnx.proto;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.protobuf.WireReader;
import java.util.function.BiFunction;

/**
 * Reads the messages of ONNX files. Large data is not copied: the records view the bytes they were read from.
 *
 * <p>Each method throws {@link MalformedModelException} if the bytes are no such message,
 * {@link dev.tenon.error.ResourceLimitException} if a limit is exceeded, and {@link UnsupportedModelException} for a tensor
 * cut into
 * segments. It throws nothing else. All methods may be called from any number of threads.
 */
public final class OnnxProtoReader {
    private OnnxProtoReader() {}

    /**
     * Reads a model. Unknown fields are skipped, as in protobuf. A file without a graph is refused, as it is probably
     * no model.
     *
     * @param bytes the file
     * @param limits the limits for an untrusted file
     * @return the model
     */
    public static ModelProto readModel(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "ModelProto", (budget, in) -> new ModelParser(budget).model(in));
    }

    /**
     * Reads a tensor, such as a test vector.
     *
     * @param bytes the file
     * @param limits the limits for an untrusted file
     * @return the tensor
     */
    public static TensorProto readTensor(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "TensorProto", (budget, in) -> new TensorParser(budget).tensor(in));
    }

    /**
     * Reads a sequence, such as a test vector.
     *
     * @param bytes the file
     * @param limits the limits for an untrusted file
     * @return the sequence
     */
    public static SequenceProto readSequence(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "SequenceProto", (budget, in) -> new ValueParser(budget).sequence(in));
    }

    /**
     * Reads an optional value, such as a test vector.
     *
     * @param bytes the file
     * @param limits the limits for an untrusted file
     * @return the optional value
     */
    public static OptionalProto readOptional(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "OptionalProto", (budget, in) -> new ValueParser(budget).optional(in));
    }

    /**
     * Reads a map.
     *
     * @param bytes the file
     * @param limits the limits for an untrusted file
     * @return the map
     */
    public static MapProto readMap(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "MapProto", (budget, in) -> new ValueParser(budget).map(in));
    }

    private static <T> T read(
            ModelBytes bytes, Limits limits, String message, BiFunction<ReadBudget, WireReader, T> parser) {
        return bytes.read(
                segment -> parser.apply(new ReadBudget(limits), WireReader.of(segment, bytes.name(), message)));
    }
}
