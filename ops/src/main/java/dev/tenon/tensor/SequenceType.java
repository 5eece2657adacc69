package dev.tenon.tensor;

import java.util.Objects;

/**
 * The type of a sequence.
 *
 * @param element the type that accepts every element
 */
public record SequenceType(ValueType element) implements ValueType {
    /** Checks that the component is not null. */
    public SequenceType {
        Objects.requireNonNull(element, "element");
    }

    @Override
    public boolean accepts(ValueType other) {
        return other instanceof SequenceType that && element.accepts(that.element);
    }

    @Override
    public String text() {
        return "seq(" + element.text() + ")";
    }

    @Override
    public String toString() {
        return text();
    }
}
