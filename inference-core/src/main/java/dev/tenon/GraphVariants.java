package dev.tenon;

import dev.tenon.formats.OptionalInputs;
import dev.tenon.graph.Graph;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.tensor.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies of a graph that differ in their inputs. */
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
     * @throws dev.tenon.tensor.TenonException if an operator needs one of them as a constant
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
}
