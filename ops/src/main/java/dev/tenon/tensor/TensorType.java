package dev.tenon.tensor;

import java.util.Objects;

/**
 * The type of a tensor.
 *
 * @param dtype the element type
 * @param shape the shape, possibly symbolic or of unknown rank
 */
public record TensorType(DType dtype, Shape shape) implements ValueType {
    /** Checks that neither component is null. */
    public TensorType {
        Objects.requireNonNull(dtype, "dtype");
        Objects.requireNonNull(shape, "shape");
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TensorType t && dtype == t.dtype && shape.equals(t.shape);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + dtype.ordinal();
    }

    @Override
    public boolean accepts(ValueType other) {
        return other instanceof TensorType that && dtype == that.dtype && shape.compatibleWith(that.shape);
    }

    @Override
    public String text() {
        return dtype.text() + shape;
    }

    @Override
    public String toString() {
        return text();
    }
}
