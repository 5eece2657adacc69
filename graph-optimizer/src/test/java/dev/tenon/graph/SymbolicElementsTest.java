package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.control.StandardOperators;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Type inference knows the elements of vectors. A matrix of the same elements broadcasts differently. */
class SymbolicElementsTest {
    private static final String RELATIVE_POSITIONS = """
        graph (%x: f32[2]) {
          %zero = const i64[] {0}
          %one = const i64[] {1}
          %two = const i64[] {2}
          %column = const i64[2] {-1, 1}
          %row = const i64[2] {1, -1}
          %range: i64[2] = Range(%zero, %two, %one)
          %q: i64[2,1] = Reshape(%range, %column)
          %k: i64[1,2] = Reshape(%range, %row)
          %d: i64[2,2] = Sub(%q, %k)
          return %d
        }
        """;

    @Test
    void onlyVectorsHaveSymbolicElements() {
        Graph graph = GraphText.parse(RELATIVE_POSITIONS, StandardOperators.set());
        Graph optimised = Pipeline.standard().apply(graph);
        List<Datum> inputs = List.of(Tensor.of(new float[] {1, 2}));
        Tensor expected = Tensor.of(new long[] {0, -1, 1, 0}, 2, 2);
        assertThat(((Tensor) Interpreter.run(graph, inputs).getFirst()).contentEquals(expected))
                .isTrue();
        assertThat(((Tensor) Interpreter.run(optimised, inputs).getFirst()).contentEquals(expected))
                .isTrue();
        assertThat(optimised.nodes()).isEmpty();
    }
}
