package dev.tenon.graph;

import dev.tenon.op.GraphAttribute;
import java.util.List;

/**
 * A typed, acyclic dataflow graph: inputs, constants, nodes in an order in which each follows those it depends on, and
 * named outputs. Immutable and safe for any number of threads. Made by {@link GraphBuilder}.
 *
 * <p>A graph sees nothing from outside: what the bodies of control operators use from around them is passed to them as
 * operands.
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
     * The nodes, each after those it depends on.
     *
     * @return an immutable list
     */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * The values that are the outputs, in order; a value may occur twice, and may be an input or a constant.
     *
     * @return an immutable list
     */
    public List<Value> outputs() {
        return outputs;
    }

    /**
     * The names under which callers know the outputs, which need not be the values' names.
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
