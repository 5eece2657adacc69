package dev.tenon.graph;

/**
 * A value that an edit of a graph may use: a {@link Value} of the graph, or a {@link NewValue} that the
 * {@link GraphEditor} adds.
 */
public sealed interface ValueRef permits Value, NewValue {
    /**
     * The name.
     *
     * @return a name that is unique within the graph
     */
    String name();
}
