package dev.tenon.samples.verify;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much layer normalisation enlarges the rounding errors of its operand. It subtracts the mean of a row and divides by its
 * standard deviation. An error is relative to the largest element before, and relative to the deviation after. So the factor
 * is the largest magnitude over the deviation.
 */
final class Cancellation {
    private Cancellation() {}

    /** Returns the largest factor of all rows that a graph normalises in a run; 1 if it normalises none. */
    static double factor(Graph graph, Map<String, Datum> inputs) {
        Map<Value, LayerNormalization> normalised = new IdentityHashMap<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof LayerNormalization norm) {
                normalised.put(node.inputs().getFirst(), norm);
            }
        }
        double[] most = {1};
        List<Datum> operands =
                graph.inputs().stream().map(v -> inputs.get(v.name())).toList();
        Interpreter.run(graph, operands, normalised.keySet(), (value, datum) -> {
            most[0] = Math.max(most[0], factor((Tensor) datum, normalised.get(value)));
        });
        return most[0];
    }

    private static double factor(Tensor t, LayerNormalization norm) {
        long row = 1;
        for (int i = Math.floorMod(norm.axis(), t.rank()); i < t.rank(); i++) {
            row *= t.dim(i);
        }
        double factor = 1;
        for (long start = 0; start < t.size(); start += row) {
            double sum = 0;
            double largest = 0;
            for (long i = start; i < start + row; i++) {
                sum += t.getDouble(i);
                largest = Math.max(largest, Math.abs(t.getDouble(i)));
            }
            double squares = 0;
            for (long i = start; i < start + row; i++) {
                double d = t.getDouble(i) - sum / row;
                squares += d * d;
            }
            factor = Math.max(factor, largest / Math.sqrt(squares / row + norm.epsilon()));
        }
        return factor;
    }
}
