package dev.tenon.graph;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** An operator applied to values. Immutable and compared by identity. Made by {@link GraphBuilder} only. */
public final class Node implements GraphElement {
    private final String name;
    private final Op op;
    private final List<Value> inputs;
    private final int number;
    private List<Value> outputs;

    Node(String name, Op op, List<Value> inputs, int number) {
        this.name = name;
        this.op = op;
        this.inputs = immutable(inputs);
        this.number = number;
    }

    /**
     * Sets the outputs. The builder calls this once, before it hands out the node, since node and outputs refer to each
     * other.
     */
    void outputs(List<Value> values) {
        outputs = immutable(values);
    }

    /**
     * A copy. Most lists are short and have a value in each place: such a copy is one object, which passes over large graphs read
     * faster than three.
     */
    private static List<Value> immutable(List<Value> values) {
        for (Value v : values) {
            if (v == null) {
                return Collections.unmodifiableList(new ArrayList<>(values));
            }
        }
        return List.copyOf(values);
    }

    /**
     * The name, for messages and traces.
     *
     * @return the name; may be empty, need not be unique
     */
    public String name() {
        return name;
    }

    /**
     * The operator.
     *
     * @return the operator with its attributes
     */
    public Op op() {
        return op;
    }

    /**
     * The operands.
     *
     * @return an unmodifiable list, null in the place of operands that are left out
     */
    public List<Value> inputs() {
        return inputs;
    }

    /**
     * The outputs.
     *
     * @return an unmodifiable list, null in the place of outputs that are left out
     */
    public List<Value> outputs() {
        return outputs;
    }

    /**
     * An operand.
     *
     * @param i its index, which may be larger than that of the last operand
     * @return the operand, or null if it is left out
     */
    public Value input(int i) {
        return i < inputs.size() ? inputs.get(i) : null;
    }

    /**
     * The first output.
     *
     * @return the output, or null if it is left out
     */
    public Value output() {
        return outputs.getFirst();
    }

    /**
     * Its number among the nodes of its graph, which is its index in {@link Graph#nodes}.
     *
     * @return at least 0
     */
    @Override
    public int number() {
        return number;
    }

    @Override
    public String toString() {
        return name.isEmpty() ? op.title() : op.title() + " '" + name + "'";
    }
}
