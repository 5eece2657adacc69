package dev.tenon.graph;

import dev.tenon.op.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds values and nodes of a graph, and the nodes that use a value. The node that computes a value is
 * {@link Value#producer}.
 *
 * <p>Values and nodes in the bodies of {@link GraphOp}s are not in the index: a body is a graph of its own, with an
 * index of its own. Making an index takes time linear in the size of the graph. Immutable and safe for any number of
 * threads.
 */
public final class GraphIndex {
    private final Graph graph;
    private final Map<String, Value> values = new HashMap<>();

    /**
     * An index of a graph.
     *
     * @param graph the graph
     */
    public GraphIndex(Graph graph) {
        this.graph = graph;
        graph.forEachValue(v -> values.put(v.name(), v));
    }

    /**
     * The graph.
     *
     * @return the graph that this is an index of
     */
    public Graph graph() {
        return graph;
    }

    /**
     * The value of a name.
     *
     * @param name a name
     * @return the input, constant or output of a node that has this name
     */
    public Optional<Value> findValue(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /**
     * The value of a name that must exist.
     *
     * @param name the name of a value
     * @return the value
     * @throws InvalidGraphException if no value has this name
     */
    public Value value(String name) {
        Value v = values.get(name);
        if (v == null) {
            throw new InvalidGraphException(
                    "value '" + name + "'",
                    "no value of this name in graph '" + graph.name() + "'",
                    "names of inputs, constants and outputs of nodes",
                    null);
        }
        return v;
    }

    /**
     * The node of a name that must exist once. Names of nodes may be empty and need not be unique.
     *
     * @param name the name of a node
     * @return the node
     * @throws InvalidGraphException if no node has this name, or several have
     */
    public Node node(String name) {
        List<Node> found = nodes(node -> node.name().equals(name));
        if (found.size() != 1) {
            throw new InvalidGraphException(
                    "node '" + name + "'",
                    (found.isEmpty() ? "no node" : found.size() + " nodes") + " of this name in graph '" + graph.name()
                            + "'",
                    "one node",
                    found.isEmpty() ? null : "find it by the name of its output");
        }
        return found.getFirst();
    }

    /**
     * The nodes of an operator.
     *
     * @param operator the operator's class, or an interface of several operators
     * @return the nodes in the order of the graph
     */
    public List<Node> nodes(Class<? extends Op> operator) {
        return nodes(node -> operator.isInstance(node.op()));
    }

    /**
     * The nodes that fulfil a condition.
     *
     * @param condition the condition
     * @return the nodes in the order of the graph
     */
    public List<Node> nodes(Predicate<Node> condition) {
        return graph.nodes().stream().filter(condition).toList();
    }

    /**
     * The nodes that have a value as an operand.
     *
     * @param value a value of the graph
     * @return each node once, in the order of the graph
     * @throws InvalidGraphException if the value belongs to another graph
     */
    public List<Node> consumers(Value value) {
        checkOwn(value);
        return graph.uses().users(value).stream().distinct().toList();
    }

    /**
     * Whether a value is an output of the graph.
     *
     * @param value a value of the graph
     * @return true if it is one or more of the outputs
     * @throws InvalidGraphException if the value belongs to another graph
     */
    public boolean isOutput(Value value) {
        checkOwn(value);
        return graph.uses().isOutput(value);
    }

    /** Whether a value belongs to the graph. */
    boolean owns(Value value) {
        return values.get(value.name()) == value;
    }

    private void checkOwn(Value value) {
        if (!owns(value)) {
            throw new InvalidGraphException(
                    "value '" + value.name() + "'",
                    "a value of another graph",
                    "values of graph '" + graph.name() + "'",
                    "ask the index of the graph or body that has the value");
        }
    }
}
