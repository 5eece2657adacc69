package dev.tenon.graph.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.Loop;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    private static final Graph GRAPH = Graphs.parse("""
        graph main(%x: f32[2], %m: i64[]) {
          %c = const f32[] {2.0}
          %p = Mul(%x, %c)
          %n = Neg(%p)
          %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[2], %step: f32[2]) {
            %w = Add(%v, %step)
            return %go, %w
          }, carried=1>(%m, _, %n, %x)
          return %y
        }
        """);

    private final List<String> seen = new ArrayList<>();

    private static Value value(String name) {
        return new GraphIndex(GRAPH).value(name);
    }

    private static Value inBody(String name) {
        return new GraphIndex(((Loop) GRAPH.nodes().getLast().op()).body()).value(name);
    }

    private List<Datum> run(long iterations, Value... observed) {
        seen.clear();
        return Interpreter.run(
                GRAPH,
                List.of(Tensor.of(new float[] {1, -3}), Tensor.scalar(iterations)),
                List.of(observed),
                (v, datum) -> seen.add(v.name() + " " + ((Tensor) datum).getDouble(0)));
    }

    @Test
    void observersSeeChosenValuesInOrder() {
        List<Datum> results = run(2, value("n"), value("x"), value("c"), value("y"), value("p"));
        assertThat(seen).containsExactly("x 1.0", "c 2.0", "p 2.0", "n -2.0", "y 0.0");
        Graphs.requireEqual(results, List.of(Tensor.of(new float[] {0, 0})));
        assertThat(run(2)).hasSize(1);
        assertThat(seen).isEmpty();
    }

    @Test
    void valuesOfBodiesAreSeenEachTimeTheBodyRuns() {
        run(3, inBody("w"), inBody("i"));
        assertThat(seen).containsExactly("i 0.0", "w -1.0", "i 1.0", "w 0.0", "i 2.0", "w 1.0");
        run(0, inBody("w"));
        assertThat(seen).isEmpty();
    }

    @Test
    void valuesOfOtherGraphsAreRefused() {
        Value foreign =
                Graphs.parse("graph g(%x: f32[2]) { return %x }").inputs().getFirst();
        assertThatThrownBy(() -> run(1, foreign))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContainingAll("observed value 'x'", "another graph", "graph 'main'");
    }
}
