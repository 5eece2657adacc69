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
 * <p>Every method throws {@link MalformedModelException} for bytes that are no such message,
 * {@code ResourceLimitException} for what goes past the {@link Limits}, and {@link UnsupportedModelException} for tensors
 * cut into segments; nothing else. All may be called from any number of threads.
 */
public final class OnnxProtoReader {
    private OnnxProtoReader() {}

    /**
     * Reads a model. Unknown fields are passed over, as protobuf wants it; a file that has no graph is refused, which
     * is what distinguishes a model from many other files.
     *
     * @param bytes the file
     * @param limits what to accept
     * @return the model
     */
    public static ModelProto readModel(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "ModelProto", (budget, in) -> new ModelParser(budget).model(in));
    }

    /**
     * Reads a tensor, such as a test vector.
     *
     * @param bytes the file
     * @param limits what to accept
     * @return the tensor
     */
    public static TensorProto readTensor(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "TensorProto", (budget, in) -> new TensorParser(budget).tensor(in));
    }

    /**
     * Reads a sequence, such as a test vector.
     *
     * @param bytes the file
     * @param limits what to accept
     * @return the sequence
     */
    public static SequenceProto readSequence(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "SequenceProto", (budget, in) -> new DataParser(budget).sequence(in));
    }

    /**
     * Reads an optional value, such as a test vector.
     *
     * @param bytes the file
     * @param limits what to accept
     * @return the optional value
     */
    public static OptionalProto readOptional(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "OptionalProto", (budget, in) -> new DataParser(budget).optional(in));
    }

    /**
     * Reads a map.
     *
     * @param bytes the file
     * @param limits what to accept
     * @return the map
     */
    public static MapProto readMap(ModelBytes bytes, Limits limits) {
        return read(bytes, limits, "MapProto", (budget, in) -> new DataParser(budget).map(in));
    }

    private static <T> T read(
            ModelBytes bytes, Limits limits, String message, BiFunction<ReadBudget, WireReader, T> parser) {
        return bytes.read(
                segment -> parser.apply(new ReadBudget(limits), WireReader.of(segment, bytes.name(), message)));
    }
}
