package dev.tenon.graph.interpret;

import dev.tenon.tensor.Datum;

/** Receives intermediate values of a run of a graph. */
@FunctionalInterface
public interface ValueObserver {
    /**
     * Receives a value.
     *
     * @param name the name of the value in the graph
     * @param value what was computed for it in this run
     */
    void observe(String name, Datum value);
}
