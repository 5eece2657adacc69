package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Copies of a graph that have other inputs or more outputs. */
final class GraphVariants {
    private GraphVariants() {}

    /**
     * The optional inputs of a model that gets another graph: those whose names are constants of the graph.
     *
     * @throws InvalidGraphException if such a constant has another type than the optional input
     */
    static OptionalInputs optionalInputs(OptionalInputs before, Graph graph) {
        Map<String, ValueType> kept = new LinkedHashMap<>();
        Map<String, Value> constants = new LinkedHashMap<>();
        graph.constants().forEach(v -> constants.put(v.name(), v));
        before.types().forEach((name, type) -> {
            Value constant = constants.get(name);
            if (constant != null && !type.accepts(constant.type())) {
                throw new InvalidGraphException(
                        "optional input '" + name + "'",
                        "a constant of this name that is " + constant.type(),
                        type.toString(),
                        "give the constant another name: the model does not have the optional input then");
            }
            if (constant != null) {
                kept.put(name, type);
            }
        });
        return kept.isEmpty()
                ? OptionalInputs.NONE
                : new OptionalInputs(kept, names -> {
                    Map<String, ValueType> given = new LinkedHashMap<>(kept);
                    given.keySet().retainAll(names);
                    return withInputs(graph, given);
                });
    }

    /**
     * A graph in which some constants are inputs.
     *
     * @param graph the graph
     * @param inputs the types of these inputs by the names of the constants
     * @throws dev.tenon.error.TenonException if an operator needs one of them as a constant
     */
    private static Graph withInputs(Graph graph, Map<String, ValueType> inputs) {
        GraphCopy copy = new GraphCopy(graph);
        for (Value v : graph.constants()) {
            ValueType type = inputs.get(v.name());
            if (type != null) {
                copy.replace(v, copy.builder().input(v.name(), type));
            }
        }
        graph.nodes().forEach(copy::copy);
        return copy.build();
    }

    /**
     * A graph with more outputs. The nodes are the same in the same order.
     *
     * @param graph the graph
     * @param names the names of values; they are the last outputs, in the order of the set
     * @throws InvalidOptionException if the graph has no value of a name
     */
    static Graph withOutputs(Graph graph, Set<String> names) {
        GraphIndex index = new GraphIndex(graph);
        List<Value> values = new ArrayList<>();
        for (String name : names) {
            values.add(find(index, name));
        }
        return GraphEditor.exposing(graph, values);
    }

    /**
     * Puts names of values in the order of a graph.
     *
     * @param graph the graph
     * @param names names of its values, perhaps some of them twice
     * @return each name once
     * @throws InvalidOptionException if the graph has no value of a name
     */
    static Set<String> inOrder(Graph graph, List<String> names) {
        GraphIndex index = new GraphIndex(graph);
        names.forEach(name -> find(index, name));
        Set<String> ordered = new LinkedHashSet<>();
        graph.forEachValue(v -> ordered.add(v.name()));
        ordered.retainAll(new HashSet<>(names));
        return Collections.unmodifiableSet(ordered);
    }

    private static Value find(GraphIndex index, String name) {
        return index.findValue(name).orElseThrow(() -> unknown(index.graph(), name));
    }

    private static InvalidOptionException unknown(Graph graph, String name) {
        Node owner = ownerOfBody(graph, name);
        return new InvalidOptionException(
                "Session.observe, value '" + name + "'",
                owner == null ? "the model's graph has no such value" : "a value in a body of " + owner,
                "inputs, constants and outputs of nodes of Model.graph",
                owner == null ? "print Model.graph to see their names" : "observe outputs of " + owner + " instead");
    }

    /**
     * The node of a graph that has a value of a name in one of its bodies, or in bodies within these; null if none has.
     */
    private static Node ownerOfBody(Graph graph, String name) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    if (new GraphIndex(body).findValue(name).isPresent() || ownerOfBody(body, name) != null) {
                        return node;
                    }
                }
            }
        }
        return null;
    }
}
