package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.Optional;

/** A value that may be absent. Immutable; the value is shared, not copied. */
public final class OptionalDatum implements Datum {
    private final OptionalType type;
    private final Datum value;

    private OptionalDatum(OptionalType type, Datum value) {
        this.type = type;
        this.value = value;
    }

    /**
     * An optional that holds a value, of that value's type.
     *
     * @param value the value
     * @return the optional
     */
    public static OptionalDatum of(Datum value) {
        return new OptionalDatum(new OptionalType(value.type()), value);
    }

    /**
     * An optional without a value.
     *
     * @param elementType the type that a value would have
     * @return the optional
     */
    public static OptionalDatum empty(ValueType elementType) {
        return new OptionalDatum(new OptionalType(elementType), null);
    }

    @Override
    public OptionalType type() {
        return type;
    }

    @Override
    public OptionalDatum copy() {
        return new OptionalDatum(type, value == null ? null : value.copy());
    }

    /** {@return whether there is a value} */
    public boolean isPresent() {
        return value != null;
    }

    /**
     * The value.
     *
     * @return the value
     * @throws InvalidTensorException if there is none
     */
    public Datum get() {
        if (value == null) {
            throw new InvalidTensorException(type.text(), "holds no value", null, "ask isPresent() first");
        }
        return value;
    }

    /** {@return the value, if there is one} */
    public Optional<Datum> value() {
        return Optional.ofNullable(value);
    }

    /** {@return the type and the value} */
    @Override
    public String toString() {
        return type.text() + " {" + (value == null ? "" : value) + "}";
    }
}
