package dev.tenon;

import dev.tenon.tensor.ValueType;

/**
 * An input or output of a model.
 *
 * @param name its name
 * @param type its type; dimensions may be symbolic, as in {@code f32[batch,384]}
 */
public record ValueInfo(String name, ValueType type) {
    @Override
    public String toString() {
        return name + ": " + type;
    }
}
