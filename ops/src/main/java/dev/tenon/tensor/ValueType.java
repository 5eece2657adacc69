package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;

/**
 * The type of a value: a tensor, a sequence, an optional or a map. Types are immutable and compare by value; their
 * shapes may be symbolic or of unknown rank.
 */
public sealed interface ValueType permits TensorType, SequenceType, OptionalType, MapType {
    /** {@return the text that {@link #parse} reads: {@code f32[1,batch]}, {@code seq(f32[*])}, {@code map(i64,f32[])}} */
    String text();

    /**
     * Whether a value of another type may be used as one of this type: the same structure and element types, and
     * {@linkplain Shape#compatibleWith compatible} shapes.
     *
     * @param other the type of the value at hand
     * @return false if no value of that type fits
     */
    boolean accepts(ValueType other);

    /**
     * Reads a type as {@link #text()} writes it.
     *
     * @param text the text
     * @return the type
     * @throws InvalidTensorException if the text is no type
     */
    static ValueType parse(String text) {
        TextReader in = new TextReader("type", text);
        ValueType type = TypeParser.type(in);
        in.expectEnd();
        return type;
    }
}
