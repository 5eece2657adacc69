package dev.tenon.graph;

import dev.tenon.error.TenonException;

/** A graph, or the text of a graph, is not valid: names, order, ownership of values, syntax. */
public class InvalidGraphException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of a graph.
     *
     * @param thing the value, node or place in a text
     * @param found the thing that was found
     * @param allowed the things that are allowed, or null
     * @param cure the way to mend it, or null
     */
    public InvalidGraphException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
