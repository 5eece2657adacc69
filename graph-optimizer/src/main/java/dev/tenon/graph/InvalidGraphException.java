package dev.tenon.graph;

import dev.tenon.error.TenonException;

/** A graph breaks a rule of graphs: names, order, ownership of values, text that does not parse. */
public class InvalidGraphException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of a graph.
     *
     * @param thing the value, node or place in a text
     * @param found what was found
     * @param allowed what is allowed, or null
     * @param cure what to do about it, or null
     */
    public InvalidGraphException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
