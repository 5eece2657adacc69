package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Value;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Runs graphs in tests and checks their results. */
public final class TestGraphs {
    private TestGraphs() {}

    public static Tensor run(Graph graph, Tensor... inputs) {
        GraphVerifier.verify(graph);
        List<Datum> results = Interpreter.run(graph, List.of(inputs));
        return (Tensor) results.getFirst();
    }

    public static void equal(Tensor actual, Tensor expected) {
        assertThat(actual.type()).isEqualTo(expected.type());
        assertThat(actual.contentEquals(expected))
                .as(actual + " for " + expected)
                .isTrue();
    }

    public static List<String> names(List<Value> values) {
        return values.stream().map(Value::name).toList();
    }
}
