package dev.tenon.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.math.Add;
import dev.tenon.op.math.Sub;
import org.junit.jupiter.api.Test;

class GraphUsesTest {
    private final Graph graph = Graphs.parse("""
        graph main(%x: f32[2], %unused: f32[2]) {
          %c = const f32[2] {1, 2}
          %dead = const f32[2] {3, 4}
          %y = Add(%x, %x)
          %n = Neg(%y)
          %m = Mul(%n, %dead)
          %z = Sub(%y, %c)
          return %z, again=%z, %y
        }
        """);

    private final GraphIndex index = new GraphIndex(graph);
    private final GraphUses uses = graph.uses();

    private int count(String name) {
        return uses.count(index.value(name));
    }

    private int liveCount(String name) {
        return uses.liveCount(index.value(name));
    }

    @Test
    void operandsAndOutputsAreCounted() {
        assertThat(count("x")).isEqualTo(2);
        assertThat(count("unused")).isZero();
        assertThat(count("y")).isEqualTo(3);
        assertThat(count("n")).isEqualTo(1);
        assertThat(count("m")).isZero();
        assertThat(count("z")).isEqualTo(2);
        assertThat(count("dead")).isEqualTo(1);
    }

    @Test
    void usesByNodesOnWhichNoOutputDependsAreLeftOut() {
        assertThat(liveCount("x")).isEqualTo(2);
        assertThat(liveCount("y")).isEqualTo(2);
        assertThat(liveCount("n")).isZero();
        assertThat(liveCount("dead")).isZero();
        assertThat(liveCount("c")).isEqualTo(1);
        assertThat(graph.nodes())
                .filteredOn(uses::isLive)
                .extracting(n -> n.output().name())
                .containsExactly("y", "z");
        assertThat(uses.liveNodes()).isEqualTo(2);
        assertThat(uses.operators()).containsExactlyInAnyOrder(Add.class, Sub.class);
    }

    @Test
    void usersAreListedForEachOperand() {
        assertThat(uses.users(index.value("x")))
                .extracting(n -> n.output().name())
                .containsExactly("y", "y");
        assertThat(uses.users(index.value("y")))
                .extracting(n -> n.output().name())
                .containsExactly("n", "z");
        assertThat(uses.users(index.value("z"))).isEmpty();
        assertThat(uses.isOutput(index.value("z"))).isTrue();
        assertThat(uses.isOutput(index.value("y"))).isTrue();
        assertThat(uses.isOutput(index.value("x"))).isFalse();
    }

    @Test
    void aGraphWithoutNodesHasUses() {
        Graph empty = Graphs.parse("graph g(%x: f32[2]) { return %x }");
        assertThat(empty.uses().count(empty.inputs().getFirst())).isEqualTo(1);
        assertThat(empty.uses().users(empty.inputs().getFirst())).isEmpty();
        assertThat(empty.uses().liveNodes()).isZero();
    }
}
