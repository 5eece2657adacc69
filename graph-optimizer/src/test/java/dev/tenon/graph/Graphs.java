package dev.tenon.graph;

import dev.tenon.graph.control.StandardOperators;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.OpSet;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Parses, runs and compares graphs in tests. */
public final class Graphs {
    /** The operators that texts may use. */
    public static final OpSet OPERATORS = StandardOperators.set();

    private Graphs() {}

    /**
     * Parses and verifies a graph.
     *
     * @param text its text
     * @return the graph
     */
    public static Graph parse(String text) {
        Graph graph = GraphText.parse(text, OPERATORS);
        GraphVerifier.verify(graph);
        return graph;
    }

    /**
     * Runs a graph by the references of its operators.
     *
     * @param graph the graph
     * @param inputs its inputs
     * @return its outputs
     */
    public static List<Datum> run(Graph graph, Tensor... inputs) {
        return Interpreter.run(graph, List.of(inputs));
    }

    /**
     * Fails unless results have the same bits, apart from those of NaN.
     *
     * @param actual tensors
     * @param expected as many tensors
     */
    public static void requireEqual(List<Datum> actual, List<Datum> expected) {
        if (actual.size() != expected.size()) {
            throw new AssertionError(actual.size() + " results for " + expected.size());
        }
        for (int i = 0; i < actual.size(); i++) {
            Tensor a = (Tensor) actual.get(i);
            Tensor e = (Tensor) expected.get(i);
            if (!a.type().equals(e.type()) || !a.contentEquals(e) && !sameNumbers(a, e)) {
                throw new AssertionError("result " + i + ": " + a + " for " + e);
            }
        }
    }

    /** Whether two tensors of one type have the same real numbers, and any NaN at the same places. */
    private static boolean sameNumbers(Tensor a, Tensor b) {
        if (!a.dtype().isFloating()) {
            return false;
        }
        for (long i = 0; i < a.size(); i++) {
            if (Double.compare(a.getDouble(i), b.getDouble(i)) != 0) {
                return false;
            }
        }
        return true;
    }
}
