package dev.tenon.graph.gradient;

import dev.tenon.graph.Graph;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A graph whose weights are inputs, so that they can be trained.
 *
 * @param graph the graph. Its inputs are those of the model, then one for each weight, under the name of the constant
 * @param initial the weights' values by name, in the order of their inputs; unmodifiable
 */
public record Trainables(Graph graph, Map<String, Tensor> initial) {
    /**
     * A graph and the values of the weights.
     *
     * @param graph the graph
     * @param initial the weights' values by name
     */
    public Trainables {
        initial = Collections.unmodifiableMap(new LinkedHashMap<>(initial));
    }

    /**
     * Fixes the dimensions of a graph, and makes inputs of constants. A constant that several nodes use is one input.
     * Constants of other types than floats, such as axes and shapes, stay constants.
     *
     * @param graph the graph of a model
     * @param dimensions the dimensions of inputs by their names. An input that is left out keeps its type. A symbol that gets
     *     a number by one input has it in the types of all inputs
     * @param wanted tells by its name whether a float constant becomes an input
     * @return the graph, with types inferred anew, and the values of the constants
     * @throws InvalidGraphException if there is no input of a name, or its type does not take the dimensions
     * @throws dev.tenon.error.InvalidOperandException if an operator does not take its operands with these dimensions
     */
    public static Trainables of(Graph graph, Map<String, long[]> dimensions, Predicate<String> wanted) {
        Graph fixed = GraphCopy.of(graph, types(graph, dimensions));
        GraphCopy copy = new GraphCopy(fixed);
        Map<String, Tensor> initial = new LinkedHashMap<>();
        for (Value v : fixed.constants()) {
            if (v.tensorType().dtype().isFloating() && wanted.test(v.name())) {
                initial.put(v.name(), v.constant());
                copy.replace(v, copy.builder().input(v.name(), v.type()));
            }
        }
        fixed.nodes().forEach(copy::copy);
        return new Trainables(copy.build(), initial);
    }

    /** The types of the inputs with the given dimensions, and with the symbols that these settle. */
    private static List<ValueType> types(Graph graph, Map<String, long[]> dimensions) {
        Map<String, Dim> symbols = new LinkedHashMap<>();
        for (Map.Entry<String, long[]> entry : dimensions.entrySet()) {
            TensorType type = input(graph, entry.getKey(), entry.getValue());
            for (int i = 0; type.shape().hasRank() && i < entry.getValue().length; i++) {
                Dim d = type.shape().dim(i);
                if (d.symbols().size() == 1
                        && d.equals(Dim.symbol(d.symbols().iterator().next()))) {
                    symbols.put(d.toString(), Dim.of(entry.getValue()[i]));
                }
            }
        }
        List<ValueType> types = new ArrayList<>();
        for (Value v : graph.inputs()) {
            if (dimensions.containsKey(v.name())) {
                types.add(new TensorType(v.tensorType().dtype(), Shape.of(dimensions.get(v.name()))));
            } else if (v.tensorType() != null && v.tensorType().shape().hasRank()) {
                types.add(new TensorType(
                        v.tensorType().dtype(), v.tensorType().shape().substitute(symbols)));
            } else {
                types.add(v.type());
            }
        }
        return types;
    }

    private static TensorType input(Graph graph, String name, long[] dims) {
        for (Value v : graph.inputs()) {
            if (v.name().equals(name)) {
                if (v.tensorType() == null || !v.tensorType().shape().compatibleWith(Shape.of(dims))) {
                    throw new InvalidGraphException(
                            "input '" + name + "' of type " + v.type(),
                            "dimensions " + Shape.of(dims),
                            "dimensions that fit the type",
                            null);
                }
                return v.tensorType();
            }
        }
        throw new InvalidGraphException(
                "dimensions of input '" + name + "'",
                "no input of this name",
                graph.inputs().stream().map(Value::name).toList().toString(),
                null);
    }
}
