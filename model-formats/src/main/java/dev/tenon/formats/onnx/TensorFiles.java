package dev.tenon.formats.onnx;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.data.OnnxTensors;
import dev.tenon.formats.onnx.data.OnnxValues;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.protobuf.WireWriter;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Files that hold one value, such as the test vectors of ONNX ({@code input_0.pb}): a TensorProto, SequenceProto,
 * OptionalProto or MapProto. A file does not tell which of them it holds. So the type is needed to read anything but a
 * tensor.
 *
 * <p>Values do not depend on the file after they are read, except tensors of more than 1 GiB, which are views of the
 * mapped file. A method that reads throws {@link ModelFileException} if the file can't be read,
 * {@link MalformedModelException} if it is damaged or holds a value of another type, {@link UnsupportedModelException}
 * for an element type that this library lacks, and {@link ResourceLimitException} if a limit is exceeded or memory is
 * short. All methods may be called from any number of threads.
 */
public final class TensorFiles {
    private static final String STREAM = "tensor stream";

    private TensorFiles() {}

    /**
     * Reads a tensor.
     *
     * @param file the file
     * @return the tensor
     */
    public static Tensor readTensor(Path file) {
        return readTensor(file, Limits.standard());
    }

    /**
     * Reads a tensor.
     *
     * @param file the file
     * @param limits the limits for an untrusted file
     * @return the tensor
     */
    public static Tensor readTensor(Path file, Limits limits) {
        return ModelBytes.guarded(file.toString(), () -> tensor(ModelBytes.map(file, limits), limits));
    }

    /**
     * Reads a tensor from the rest of a stream.
     *
     * @param stream the stream. It is not closed
     * @param limits the limits for an untrusted file
     * @return the tensor
     */
    public static Tensor readTensor(InputStream stream, Limits limits) {
        return ModelBytes.guarded(STREAM, () -> tensor(ModelBytes.copy(STREAM, stream, limits), limits));
    }

    /**
     * The name of the tensor in a file.
     *
     * @param file the file
     * @param limits the limits for an untrusted file
     * @return the name, empty if it has none
     */
    public static String readName(Path file, Limits limits) {
        return ModelBytes.guarded(
                file.toString(),
                () -> OnnxProtoReader.readTensor(ModelBytes.map(file, limits), limits)
                        .name());
    }

    private static Tensor tensor(ModelBytes bytes, Limits limits) {
        TensorProto proto = OnnxProtoReader.readTensor(bytes, limits);
        ValueType any = new TensorType(ElementTypes.of(bytes.name(), proto.dataType()), Shape.unknownRank());
        return new OnnxValues(bytes.name(), limits).tensor(proto, any);
    }

    /**
     * Reads a value of a known type.
     *
     * @param file the file
     * @param type the type. Only known dimensions are compared
     * @param limits the limits for an untrusted file
     * @return the value
     */
    public static Datum read(Path file, ValueType type, Limits limits) {
        return read(ModelBytes.map(file, limits), type, limits);
    }

    /**
     * Reads a value of a known type.
     *
     * @param bytes the content of the file
     * @param type the type. Only known dimensions are compared
     * @param limits the limits for an untrusted file
     * @return the value
     */
    public static Datum read(ModelBytes bytes, ValueType type, Limits limits) {
        OnnxValues codec = new OnnxValues(bytes.name(), limits);
        return bytes.read(segment -> switch (type) {
            case TensorType tensor -> codec.tensor(OnnxProtoReader.readTensor(bytes, limits), type);
            case SequenceType sequence -> codec.sequence(OnnxProtoReader.readSequence(bytes, limits), type);
            case OptionalType optional -> codec.optional(OnnxProtoReader.readOptional(bytes, limits), type);
            case MapType map -> codec.map(OnnxProtoReader.readMap(bytes, limits), type);
        });
    }

    /**
     * Writes a value to a file. The file appears or changes when it is complete.
     *
     * @param file the file, made or replaced
     * @param name the name of the value, may be empty
     * @param value the value
     * @throws ModelFileException if it can't be written
     * @throws ResourceLimitException if it is nested deeper than a reader would accept
     */
    public static void write(Path file, String name, Datum value) {
        encode(name, value).writeTo(file);
    }

    /**
     * Writes a value to a stream.
     *
     * @param out the stream. It is neither flushed nor closed
     * @param name the name of the value, may be empty
     * @param value the value
     * @throws ModelFileException if the stream fails
     * @throws ResourceLimitException if it is nested deeper than a reader would accept
     */
    public static void write(OutputStream out, String name, Datum value) {
        try {
            encode(name, value).writeTo(out);
        } catch (IOException e) {
            throw new ModelFileException("value '" + name + "'", e.toString(), "a working stream", "check it", e);
        }
    }

    private static WireWriter encode(String name, Datum value) {
        return ModelBytes.guarded("value '" + name + "'", () -> switch (value) {
            case Tensor tensor -> OnnxProtoWriter.encode(OnnxTensors.toProto(name, tensor));
            case TensorSequence sequence -> OnnxProtoWriter.encode(OnnxValues.toProto(name, sequence));
            case OptionalDatum optional -> OnnxProtoWriter.encode(OnnxValues.toProto(name, optional));
            case MapDatum map -> OnnxProtoWriter.encode(OnnxValues.toProto(name, map));
        });
    }
}
