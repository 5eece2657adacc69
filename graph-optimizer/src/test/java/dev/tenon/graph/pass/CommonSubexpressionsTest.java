package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which nodes and constants become one. */
class CommonSubexpressionsTest {
    private static Graph shared(Graph graph, Tensor... inputs) {
        Graph result = new CommonSubexpressions().apply(graph);
        GraphVerifier.verify(result);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(new CommonSubexpressions().apply(result)).as("a second time").isSameAs(result);
        return result;
    }

    /** Constants that differ in their type or in a byte, two of them with equal sums of bytes, and texts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "f32[1] {0} | i32[1] {0}",
                "f32[1] {0} | f32[] {0}",
                "i8[2] {1, 0} | i8[2] {0, 31}",
                "string[1] {\"a\"} | string[1] {\"a\"}"
            })
    void otherConstantsStay(String one, String other) {
        String text = """
            graph main(%%x: f32[2]) {
              %%a = const %s
              %%b = const %s
              %%c = Identity(%%a)
              %%d = Identity(%%b)
              %%n = Neg(%%x)
              return %%c, %%d, %%n
            }
            """.formatted(one, other);
        Graph graph = Graphs.parse(text);
        assertThat(new CommonSubexpressions().apply(graph)).isSameAs(graph);
        Graph twice = Graphs.parse(text.replace("%n = Neg(%x)", "%m = Neg(%x)\n%n = Neg(%x)\n%z = Add(%m, %n)")
                .replace("return", "return %z, "));
        Graph result = new CommonSubexpressions().apply(twice);
        GraphVerifier.verify(result);
        assertThat(result.constants()).hasSize(2);
        assertThat(result.nodes()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 1025})
    void constantsOfFourKibibytesAreCompared(int size) {
        Graph graph = GraphText.parse(
                """
            graph main(%%x: f32[%1$d]) {
              %%a = const f32[%1$d] @a
              %%b = const f32[%1$d] @b
              %%c = Add(%%x, %%a)
              %%d = Mul(%%x, %%b)
              %%m = Neg(%%x)
              %%n = Neg(%%x)
              return %%c, %%d, %%m, %%n
            }
            """.formatted(size),
                Graphs.OPERATORS,
                Map.of("a", Tensor.allocate(DType.FLOAT32, size), "b", Tensor.allocate(DType.FLOAT32, size))::get);
        Graph result = shared(graph, Tensor.allocate(DType.FLOAT32, size));
        assertThat(result.constants()).hasSize(size == 1024 ? 1 : 2);
        assertThat(result.nodes()).hasSize(3);
    }

    @Test
    void constantsAloneMayBeShared() {
        Graph result = shared(Graphs.parse("""
            graph main(%x: f32[2]) {
              %a = const f32[1] {1.0}
              %b = const f32[1] {1.0}
              %c = Add(%x, %a)
              %d = Mul(%x, %b)
              return %c, %d
            }
            """), Tensor.of(new float[] {2, 3}));
        assertThat(result.constants()).hasSize(1);
    }

    @Test
    void nodesWithoutSomeResultsAreShared() {
        Graph result = shared(Graphs.parse("""
            graph main(%x: f32[2,2]) {
              %k = const i64[1] {1}
              _, %i = TopK(%x, %k)
              _, %j = TopK(%x, %k)
              %y = Add(%i, %j)
              return %y
            }
            """), Tensor.of(new float[] {2, 3, 5, 4}, 2, 2));
        assertThat(result.nodes()).hasSize(2);
    }
}
