package dev.tenon.graph.interpret;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Runs a graph node by node through the references of its operators. Slow, and the measure of everything faster. Safe
 * for any number of threads.
 */
public final class Interpreter {
    /** Sees intermediate values of a run. */
    @FunctionalInterface
    public interface Observer {
        /**
         * Called when an observed value is known.
         *
         * @param value the value of the graph, or of a body of one of its operators
         * @param datum what it is in this run; it must not be modified
         */
        void observe(Value value, Datum datum);
    }

    private final Set<Value> observed = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Observer observer;

    private Interpreter(Collection<Value> observed, Observer observer) {
        this.observed.addAll(observed);
        this.observer = observer;
    }

    /**
     * Runs a graph.
     *
     * @param graph the graph
     * @param inputs a value for each of its inputs
     * @return a value for each of its outputs
     * @throws InvalidOperandException if an operator does not accept its operands
     */
    public static List<Datum> run(Graph graph, List<Datum> inputs) {
        return new Interpreter(List.of(), (value, datum) -> {}).evaluate(graph, inputs);
    }

    /**
     * Runs a graph and lets an observer see some of its values.
     *
     * @param graph the graph
     * @param inputs a value for each of its inputs
     * @param observed values of the graph and of the bodies of its operators: inputs, constants and outputs of nodes
     * @param observer is told each observed value as soon as it is known, on the calling thread: inputs and constants
     *     first, then results in the order of the nodes. It is told a value of a body each time that the body runs, so
     *     any number of times
     * @return a value for each of its outputs
     * @throws InvalidOperandException if an operator does not accept its operands
     * @throws InvalidGraphException if an observed value belongs to another graph
     */
    public static List<Datum> run(Graph graph, List<Datum> inputs, Collection<Value> observed, Observer observer) {
        Set<Value> known = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(graph, known);
        for (Value v : observed) {
            if (!known.contains(v)) {
                throw new InvalidGraphException(
                        "observed value '" + v.name() + "'",
                        "a value of another graph",
                        "values of graph '" + graph.name() + "' and its bodies",
                        null);
            }
        }
        return new Interpreter(observed, observer).evaluate(graph, inputs);
    }

    /** Adds all values of a graph and its bodies to a set. */
    private static void collect(Graph graph, Set<Value> values) {
        values.addAll(graph.inputs());
        values.addAll(graph.constants());
        for (Node node : graph.nodes()) {
            node.outputs().stream().filter(Objects::nonNull).forEach(values::add);
            if (node.op() instanceof GraphOp control) {
                control.bodies().forEach(body -> collect(body, values));
            }
        }
    }

    private List<Datum> evaluate(Graph graph, List<Datum> inputs) {
        Map<Value, Datum> values = new IdentityHashMap<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            put(graph.inputs().get(i), inputs.get(i), values);
        }
        for (Value v : graph.constants()) {
            put(v, v.constant(), values);
        }
        for (Node node : graph.nodes()) {
            List<Datum> results = evaluate(node, values);
            for (int i = 0; i < node.outputs().size(); i++) {
                if (node.outputs().get(i) != null) {
                    put(node.outputs().get(i), results.get(i), values);
                }
            }
        }
        List<Datum> outputs = new ArrayList<>();
        for (Value v : graph.outputs()) {
            outputs.add(values.get(v));
        }
        return outputs;
    }

    private void put(Value v, Datum datum, Map<Value, Datum> values) {
        values.put(v, datum);
        if (observed.contains(v)) {
            observer.observe(v, datum);
        }
    }

    private List<Datum> evaluate(Node node, Map<Value, Datum> values) {
        List<Datum> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(v == null ? null : values.get(v));
        }
        Operands in =
                new Operands(node.op(), node.name(), operands, node.outputs().size());
        return node.op() instanceof GraphOp control ? control.evaluate(in, this::evaluate) : in.evaluate();
    }
}
