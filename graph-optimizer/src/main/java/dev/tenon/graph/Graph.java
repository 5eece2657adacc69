package dev.tenon.graph;

import dev.tenon.op.GraphAttribute;
import java.util.List;

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

    Graph(
            String name,
            List<Value> inputs,
            List<Value> constants,
            List<Node> nodes,
            List<Value> outputs,
            List<String> outputNames) {
        this.name = name;
        this.inputs = List.copyOf(inputs);
        this.constants = List.copyOf(constants);
        this.nodes = List.copyOf(nodes);
        this.outputs = List.copyOf(outputs);
        this.outputNames = List.copyOf(outputNames);
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

    @Override
    public String toString() {
        return GraphText.print(this);
    }
}
