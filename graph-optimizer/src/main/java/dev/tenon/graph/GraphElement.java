package dev.tenon.graph;

/** A value or a node of a {@link Graph}. Compared by identity. */
public sealed interface GraphElement permits Node, Value {
    /**
     * Its number among the values, or among the nodes, of its graph: those are numbered from 0 as they were added to the
     * {@link GraphBuilder}. See {@link ElementMap}.
     *
     * @return at least 0
     */
    int number();
}
