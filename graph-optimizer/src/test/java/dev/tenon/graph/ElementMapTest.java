package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ElementMapTest {
    private static final String TEXT = """
        graph main(%x: f32[2]) {
          %y = Neg(%x)
          %z = Add(%x, %y)
          return %z
        }
        """;

    private final Graph graph = Graphs.parse(TEXT);
    private final Value x = graph.inputs().getFirst();
    private final Value z = graph.outputs().getFirst();

    @Test
    void valuesAndNodesHaveNumbersInTheOrderOfTheGraph() {
        assertThat(graph.valueCount()).isEqualTo(3);
        assertThat(List.of(x.number(), z.number())).containsExactly(0, 2);
        assertThat(graph.nodes()).extracting(Node::number).containsExactly(0, 1);
    }

    @Test
    void entriesAreFoundAgain() {
        ElementMap<Value, String> map = new ElementMap<>(1);
        assertThat(map.get(x)).isNull();
        assertThat(map.get(null)).isNull();
        assertThat(map.containsKey(null)).isFalse();
        map.put(z, "z");
        map.put(x, "first");
        map.put(x, "second");
        map.putIfAbsent(x, "third");
        assertThat(map.get(z)).isEqualTo("z");
        assertThat(map.getOrDefault(x, "none")).isEqualTo("second");
        assertThat(map.getOrDefault(graph.nodes().getFirst().output(), "none")).isEqualTo("none");
        assertThat(map.computeIfAbsent(x, () -> "made")).isEqualTo("second");
        assertThat(map.computeIfAbsent(graph.nodes().getFirst().output(), () -> "made"))
                .isEqualTo("made");
    }

    @Test
    void valuesOfAnotherGraphAreNotFoundNorAdded() {
        ElementMap<Value, String> map = new ElementMap<>(graph.valueCount());
        map.put(x, "x");
        Value other = Graphs.parse(TEXT).inputs().getFirst();
        assertThat(other.number()).isEqualTo(x.number());
        assertThat(map.containsKey(other)).isFalse();
        assertThat(map.get(other)).isNull();
        assertThatThrownBy(() -> map.put(other, "other"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another graph");
    }
}
