package dev.tenon.graph;

import dev.tenon.op.GraphAttribute;
import java.util.List;
import java.util.function.Consumer;

/**
 * A typed, acyclic dataflow graph: inputs, constants, nodes in topological order, and named outputs. Immutable and safe
 * for any number of threads.
 *
 * <p>A {@link GraphBuilder} makes a graph node by node, a {@link GraphEditor} changes one, a {@link GraphIndex} finds
 * values and nodes in one, and {@link GraphText} prints one.
 *
 * <p>A graph uses nothing from outside. The values that a body of a control operator uses from the surrounding graph
 * are operands of the operator, and inputs of the body.
 */
public final class Graph implements GraphAttribute {
    private final String name;
    private final List<Value> inputs;
    private final List<Value> constants;
    private final List<Node> nodes;
    private final List<Value> outputs;
    private final List<String> outputNames;
    private final int valueCount;
    /** Null until it is asked for. Threads that ask at the same time make equal ones. */
    private GraphUses uses;

    Graph(
            String name,
            List<Value> inputs,
            List<Value> constants,
            List<Node> nodes,
            List<Value> outputs,
            List<String> outputNames,
            int valueCount) {
        this.name = name;
        this.inputs = List.copyOf(inputs);
        this.constants = List.copyOf(constants);
        this.nodes = List.copyOf(nodes);
        this.outputs = List.copyOf(outputs);
        this.outputNames = List.copyOf(outputNames);
        this.valueCount = valueCount;
    }

    /**
     * The name.
     *
     * @return the name, may be empty
     */
    public String name() {
        return name;
    }

    /**
     * The inputs.
     *
     * @return an immutable list
     */
    public List<Value> inputs() {
        return inputs;
    }

    /**
     * The constants.
     *
     * @return an immutable list
     */
    public List<Value> constants() {
        return constants;
    }

    /**
     * The nodes in topological order: each comes after the nodes that it depends on.
     *
     * @return an immutable list
     */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * The values of the outputs, in order. A value may occur twice, and may be an input or a constant.
     *
     * @return an immutable list
     */
    public List<Value> outputs() {
        return outputs;
    }

    /**
     * The names of the outputs, which need not be the names of their values.
     *
     * @return an immutable list, as long as {@link #outputs}
     */
    public List<String> outputNames() {
        return outputNames;
    }

    /**
     * The number of values: inputs, constants and outputs of nodes.
     *
     * @return more than the {@linkplain Value#number number} of any value
     */
    public int valueCount() {
        return valueCount;
    }

    /**
     * Tells all values: inputs, constants, and the outputs of nodes that are not left out.
     *
     * @param action is told each value once, in this order
     */
    public void forEachValue(Consumer<Value> action) {
        inputs.forEach(action);
        constants.forEach(action);
        for (Node node : nodes) {
            for (Value v : node.outputs()) {
                if (v != null) {
                    action.accept(v);
                }
            }
        }
    }

    /**
     * How often values are used. It is counted when it is first asked for.
     *
     * @return always an equal object
     */
    public GraphUses uses() {
        GraphUses known = uses;
        if (known == null) {
            known = new GraphUses(this);
            uses = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return GraphText.print(this);
    }
}
