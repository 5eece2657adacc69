package dev.tenon;

import dev.tenon.tensor.Datum;

/** Receives intermediate values of predictions, see {@link Session#observe}. */
@FunctionalInterface
public interface ValueObserver {
    /**
     * Receives a value.
     *
     * @param name the name of the value in {@link Model#graph}
     * @param value the value in this prediction; it belongs to the observer
     */
    void observe(String name, Datum value);
}
