package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.op.math.Add;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Concat;
import org.junit.jupiter.api.Test;

class GraphIndexTest {
    private static final Graph GRAPH = Graphs.parse("""
        graph main(%x: f32[2,2]) {
          %w = const f32[2,2] {1, 2, 3, 4}
          %h = MatMul(%x, %w) "layer"
          %n = Neg(%h) "twin"
          %y = Add(%h, %h) "twin"
          return %y, hidden=%h
        }
        """);

    private final GraphIndex index = new GraphIndex(GRAPH);

    @Test
    void valuesAreFoundByName() {
        assertThat(index.graph()).isSameAs(GRAPH);
        assertThat(index.value("x")).isSameAs(GRAPH.inputs().getFirst());
        assertThat(index.value("w")).isSameAs(GRAPH.constants().getFirst());
        assertThat(index.value("h")).isSameAs(GRAPH.nodes().getFirst().output());
        assertThat(index.findValue("y")).containsSame(GRAPH.outputs().getFirst());
        assertThat(index.findValue("hidden")).isEmpty();
        assertThatThrownBy(() -> index.value("hidden"))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContainingAll("value 'hidden'", "no value of this name", "graph 'main'");
    }

    @Test
    void nodesAreFoundByNameOperatorAndCondition() {
        assertThat(index.node("layer")).isSameAs(GRAPH.nodes().getFirst());
        assertThat(index.nodes(MatMul.class)).containsExactly(GRAPH.nodes().getFirst());
        assertThat(index.nodes(Elementwise.class))
                .containsExactly(GRAPH.nodes().get(1), GRAPH.nodes().get(2));
        assertThat(index.nodes(Concat.class)).isEmpty();
        assertThat(index.nodes(node -> node.inputs().size() == 2))
                .extracting(node -> node.op().getClass().getSimpleName())
                .containsExactly("MatMul", "Add");
        assertThatThrownBy(() -> index.node("nowhere"))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContainingAll("node 'nowhere'", "no node of this name", "one node");
        assertThatThrownBy(() -> index.node("twin"))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContainingAll("node 'twin'", "2 nodes of this name", "find it by the name of its output");
    }

    @Test
    void consumersAreListedOnceInOrder() {
        assertThat(index.consumers(index.value("h"))).extracting(Node::op).containsExactly(new Neg(), new Add());
        assertThat(index.consumers(index.value("n"))).isEmpty();
        assertThat(index.isOutput(index.value("h"))).isTrue();
        assertThat(index.isOutput(index.value("n"))).isFalse();
    }

    @Test
    void valuesOfOtherGraphsAreRefused() {
        Value foreign =
                Graphs.parse("graph other(%x: f32[2,2]) { return %x }").inputs().getFirst();
        for (Runnable question : new Runnable[] {() -> index.consumers(foreign), () -> index.isOutput(foreign)}) {
            assertThatThrownBy(question::run)
                    .isInstanceOf(InvalidGraphException.class)
                    .hasMessageContainingAll("value 'x'", "another graph", "graph 'main'");
        }
    }
}
