package dev.tenon.graph;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A node of a graph that is being edited: one of the graph as it was given, or a new one. */
final class DraftNode {
    private final Node source;
    private final String name;
    private final List<ValueRef> operands;
    private List<? extends ValueRef> results;
    private Op op;
    private boolean removed;

    /** A node of the graph as it was given, not changed yet. */
    DraftNode(Node source) {
        this.source = source;
        this.name = source.name();
        this.op = source.op();
        this.operands = new ArrayList<>(source.inputs());
        this.results = source.outputs();
    }

    /** A new node, whose {@link #results} are given later. */
    DraftNode(Op op, String name, List<? extends ValueRef> operands) {
        this.source = null;
        this.name = name;
        this.op = op;
        this.operands = new ArrayList<>(operands);
        this.results = List.of();
    }

    /** The node of the graph as it was given; null for a new one. */
    Node source() {
        return source;
    }

    String name() {
        return name;
    }

    Op op() {
        return op;
    }

    void op(Op other) {
        op = other;
    }

    /** The operands in order, null for those left out. */
    List<ValueRef> operands() {
        return Collections.unmodifiableList(operands);
    }

    void operand(int index, ValueRef v) {
        operands.set(index, v);
    }

    /** The outputs in order, null for those left out. */
    List<? extends ValueRef> results() {
        return results;
    }

    void results(List<? extends ValueRef> values) {
        results = values;
    }

    boolean isRemoved() {
        return removed;
    }

    void remove() {
        removed = true;
    }

    /** Whether operator and operands are those of the graph as it was given. */
    @SuppressWarnings("ReferenceEquality")
    boolean hasSourceOperator() {
        return source != null && op == source.op();
    }

    @Override
    public String toString() {
        return name.isEmpty() ? op.title() : op.title() + " '" + name + "'";
    }
}
