package dev.tenon.formats.onnx.proto;

import java.util.Optional;

/**
 * The type of a value. Element types are the numbers of {@code TensorProto.DataType}, untrusted.
 *
 * @param kind its kind
 * @param denotation the meaning of the value, such as {@code IMAGE}
 */
public record TypeProto(Kind kind, String denotation) {
    /** The kind of a type. */
    public sealed interface Kind
            permits DenseType, SparseType, SequenceType, MapType, OptionalType, OpaqueType, UnknownType {}

    /**
     * A tensor.
     *
     * @param elemType its element type
     * @param shape its shape, empty if the rank is not known
     */
    public record DenseType(int elemType, Optional<TensorShapeProto> shape) implements Kind {}

    /**
     * A sparse tensor.
     *
     * @param elemType its element type
     * @param shape its shape, empty if the rank is not known
     */
    public record SparseType(int elemType, Optional<TensorShapeProto> shape) implements Kind {}

    /**
     * A sequence.
     *
     * @param element the type of its elements
     */
    public record SequenceType(TypeProto element) implements Kind {}

    /**
     * A map.
     *
     * @param keyType the element type of its keys
     * @param value the type of its values
     */
    public record MapType(int keyType, TypeProto value) implements Kind {}

    /**
     * A value or none.
     *
     * @param element the type of the value
     */
    public record OptionalType(TypeProto element) implements Kind {}

    /**
     * A type that only its domain knows.
     *
     * @param domain the domain
     * @param name the name in it
     */
    public record OpaqueType(String domain, String name) implements Kind {}

    /** A type that the file does not tell. */
    public record UnknownType() implements Kind {}

    /**
     * A type without denotation.
     *
     * @param kind its kind
     * @return the type
     */
    public static TypeProto of(Kind kind) {
        return new TypeProto(kind, "");
    }
}
