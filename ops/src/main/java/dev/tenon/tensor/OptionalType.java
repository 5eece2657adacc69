package dev.tenon.tensor;

import java.util.Objects;

/**
 * The type of a value that may be absent.
 *
 * @param element the type of the value if it is present
 */
public record OptionalType(ValueType element) implements ValueType {
    /** Checks that the component is not null. */
    public OptionalType {
        Objects.requireNonNull(element, "element");
    }

    @Override
    public boolean accepts(ValueType other) {
        return other instanceof OptionalType that && element.accepts(that.element);
    }

    @Override
    public String text() {
        return "optional(" + element.text() + ")";
    }

    @Override
    public String toString() {
        return text();
    }
}
