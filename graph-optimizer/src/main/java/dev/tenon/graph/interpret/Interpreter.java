package dev.tenon.graph.interpret;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Runs a graph through the references of its operators. Stateless. */
public final class Interpreter {
    private Interpreter() {}

    /**
     * Runs a graph.
     *
     * @param graph the graph
     * @param inputs a value for each of its inputs
     * @return a value for each of its outputs
     * @throws InvalidOperandException if an operator does not take its operands
     */
    public static List<Datum> run(Graph graph, List<Datum> inputs) {
        Map<Value, Datum> values = new IdentityHashMap<>();
        for (Value v : graph.constants()) {
            values.put(v, v.constant());
        }
        for (int i = 0; i < graph.inputs().size(); i++) {
            values.put(graph.inputs().get(i), inputs.get(i));
        }
        for (Node node : graph.nodes()) {
            List<Datum> operands = new ArrayList<>();
            for (Value v : node.inputs()) {
                operands.add(v == null ? null : values.get(v));
            }
            List<Datum> results = node.op()
                    .reference(new Operands(
                            node.op(), node.name(), operands, node.outputs().size()));
            for (int i = 0; i < node.outputs().size(); i++) {
                if (node.outputs().get(i) != null) {
                    values.put(node.outputs().get(i), results.get(i));
                }
            }
        }
        List<Datum> outputs = new ArrayList<>();
        for (Value v : graph.outputs()) {
            outputs.add(values.get(v));
        }
        return outputs;
    }
}
