package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.Objects;

/**
 * The type of a map.
 *
 * @param key the type of the keys: an integer type or strings
 * @param value the type that accepts every value
 */
public record MapType(DType key, ValueType value) implements ValueType {
    /**
     * Checks the components.
     *
     * @throws InvalidTensorException if the key type is neither an integer type nor {@link DType#STRING}
     */
    public MapType {
        Objects.requireNonNull(value, "value");
        if (!key.isInteger() && key != DType.STRING) {
            throw new InvalidTensorException("map type", "keys of type " + key.text(), "integer types, string", null);
        }
    }

    @Override
    public boolean accepts(ValueType other) {
        return other instanceof MapType that && key == that.key && value.accepts(that.value);
    }

    @Override
    public String text() {
        return "map(" + key.text() + ", " + value.text() + ")";
    }

    @Override
    public String toString() {
        return text();
    }
}
