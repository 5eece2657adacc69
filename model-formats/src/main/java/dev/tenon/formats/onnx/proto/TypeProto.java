package dev.tenon.formats.onnx.proto;

import java.util.Optional;

/**
 * The type of a value. Element types are the numbers of {@code TensorProto.DataType}, untrusted.
 *
 * @param kind what it is
 * @param denotation what it means, such as {@code IMAGE}
 */
public record TypeProto(Kind kind, String denotation) {
    /** What a value is. */
    public sealed interface Kind
            permits DenseType, SparseType, SequenceType, MapType, OptionalType, OpaqueType, UnknownType {}

    /**
     * A tensor.
     *
     * @param elemType its element type
     * @param shape its shape; absent if not even the rank is known
     */
    public record DenseType(int elemType, Optional<TensorShapeProto> shape) implements Kind {}

    /**
     * A sparse tensor.
     *
     * @param elemType its element type
     * @param shape its shape; absent if not even the rank is known
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

    /** The file does not say. */
    public record UnknownType() implements Kind {}

    /**
     * A type without denotation.
     *
     * @param kind what it is
     * @return the type
     */
    public static TypeProto of(Kind kind) {
        return new TypeProto(kind, "");
    }
}
