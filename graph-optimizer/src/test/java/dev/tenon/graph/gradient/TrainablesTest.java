package dev.tenon.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainablesTest {
    /** The weight is tied, the axes and the table are no weights. */
    private static final Graph GRAPH = Graphs.parse("""
            graph main(%x: f32[batch,2], %more: f32[batch,other]) {
              %w = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
              %table = const f32[2] {5.0, 6.0}
              %axes = const i64[1] {1}
              %a = MatMul(%x, %w)
              %b = MatMul(%a, %w)
              %c = Add(%b, %table)
              %y = ReduceSum(%c, %axes)
              return %y, %w
            }
            """);

    @Test
    void chosenFloatsBecomeInputs() {
        Trainables t = Trainables.of(GRAPH, Map.of(), name -> !name.equals("table"));
        GraphVerifier.verify(t.graph());
        assertThat(t.graph().inputs()).extracting(v -> v.name()).containsExactly("x", "more", "w");
        assertThat(t.graph().constants()).extracting(v -> v.name()).containsExactly("table", "axes");
        assertThat(t.initial()).containsOnlyKeys("w");
        Tensor x = Tensor.of(new float[] {1, -1}, 1, 2);
        List<Datum> inputs = new ArrayList<>(List.of(x, x));
        inputs.addAll(t.initial().values());
        Graphs.requireEqual(Graphs.run(t.graph(), inputs.toArray(Tensor[]::new)), Graphs.run(GRAPH, x, x));
    }

    @Test
    void dimensionsAreFixedInAllInputs() {
        Trainables t = Trainables.of(GRAPH, Map.of("x", new long[] {3, 2}), name -> true);
        assertThat(t.graph().inputs())
                .extracting(v -> v.type().toString())
                .containsExactly("f32[3,2]", "f32[3,other]", "f32[2,2]", "f32[2]");
        assertThat(t.graph().outputs().getFirst().type().toString()).isEqualTo("f32[3,1]");
    }

    @Test
    void inputsThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> Trainables.of(GRAPH, Map.of("z", new long[] {3}), name -> true))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("no input of this name");
        assertThatThrownBy(() -> Trainables.of(GRAPH, Map.of("x", new long[] {3, 4}), name -> true))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("[3,4]");
    }
}
