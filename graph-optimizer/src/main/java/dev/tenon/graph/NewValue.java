package dev.tenon.graph;

import dev.tenon.tensor.Tensor;

/**
 * A value that a {@link GraphEditor} adds: a constant, or an output of a new node. Its type is inferred when the editor
 * builds the graph. Compared by identity.
 */
public final class NewValue implements ValueRef {
    private final GraphEditor editor;
    private final DraftNode producer;
    private final Tensor constant;
    private final boolean named;
    private String name;

    /**
     * A value of an editor.
     *
     * @param editor the editor that adds it
     * @param producer the node that computes it, null for a constant
     * @param constant the constant, null for an output of a node
     * @param name its name
     * @param named whether the caller chose the name; a name that was made up may still change
     */
    NewValue(GraphEditor editor, DraftNode producer, Tensor constant, String name, boolean named) {
        this.editor = editor;
        this.producer = producer;
        this.constant = constant;
        this.name = name;
        this.named = named;
    }

    /**
     * The name that the value has in the graph that the editor builds. A name that the editor made up changes when
     * {@link GraphEditor#replaceNode} lets the value take the place of another one, whose name it takes over.
     *
     * @return the name
     */
    @Override
    public String name() {
        return name;
    }

    GraphEditor editor() {
        return editor;
    }

    DraftNode producer() {
        return producer;
    }

    Tensor constant() {
        return constant;
    }

    /** Takes over the name of a value in whose place this one comes, unless the caller chose the name of this one. */
    void takeNameOf(Value replaced) {
        if (!named) {
            name = replaced.name();
        }
    }

    @Override
    public String toString() {
        return "%" + name;
    }
}
