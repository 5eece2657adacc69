package dev.tenon.plan;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.Tensor;

/**
 * A constant in a layout: the key of packed memory. Constants are compared by identity.
 *
 * @param constant the constant
 * @param layout the layout
 */
record PackedKey(Tensor constant, Layout layout) {
    @Override
    public boolean equals(Object o) {
        return o instanceof PackedKey p && p.constant == constant && p.layout.equals(layout);
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(constant) * 31 + layout.hashCode();
    }
}
