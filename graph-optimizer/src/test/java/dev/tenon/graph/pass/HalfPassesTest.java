package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.op.math.Cast;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of 16 bits: nodes compute in float32, weights keep their 16 bits. */
class HalfPassesTest {
    private static Graph widened(String text) {
        Graph graph = Graphs.parse(text);
        Graph result = new HalfWidening().apply(graph);
        GraphVerifier.verify(result);
        assertThat(new HalfWidening().apply(result)).as("a second time").isSameAs(result);
        Rewrites.checkDecisions(new HalfWidening()::apply, "half-widening", graph);
        return result;
    }

    /** Every node, with the types of its first operand and its first result. */
    private static List<String> nodes(Graph graph) {
        return graph.nodes().stream()
                .map(node -> node.op().schema().name() + " " + type(node.input(0)) + " " + type(node.output()))
                .toList();
    }

    private static String type(Value v) {
        return v.tensorType().dtype().text();
    }

    @ParameterizedTest
    @ValueSource(strings = {"f16", "bf16"})
    void nodesComputeInFloat32BetweenInputsAndOutputs(String type) {
        String text = """
            graph main(%x: f16[2,2]) {
              %w = const f16[2,2] {1, 2, 3, 4}
              %a = MatMul(%x, %w)
              %y = Relu(%a)
              %s = Shape(%y)
              return %y, %s
            }
            """.replace("f16", type);
        Graph result = widened(text);
        assertThat(nodes(result))
                .containsExactly(
                        "Cast " + type + " f32",
                        "Cast " + type + " f32",
                        "MatMul f32 f32",
                        "Relu f32 f32",
                        "Shape f32 i64",
                        "Cast f32 " + type);
        Tensor x = Tensor.allocate(DType.valueOf(type.equals("f16") ? "FLOAT16" : "BFLOAT16"), 2, 2);
        x.setDouble(1, 3);
        x.setDouble(2, -2);
        Graphs.requireEqual(Graphs.run(result, x), Graphs.run(Graphs.parse(text), x));
    }

    @Test
    void castsBetweenDisappearWithTheirRounding() {
        Graph result = widened("""
            graph main(%x: f32[3]) {
              %h = Cast<to=10>(%x)
              %a = Sqrt(%h)
              %f = Cast<to=1>(%a)
              %e = Exp(%f)
              %k = Cast<to=10>(%e)
              %n = Neg(%k)
              %y = Cast<to=1>(%n)
              return %y
            }
            """);
        assertThat(nodes(result)).containsExactly("Sqrt f32 f32", "Exp f32 f32", "Neg f32 f32");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Nothing computes in 16 bits: the rounding is the purpose.
                "graph main(%x: f32[3]) { %h = Cast<to=10>(%x) %y = Cast<to=1>(%h) return %y }",
                "graph main(%x: f16[3]) { %y = Cast<to=1>(%x) return %y }",
                "graph main(%x: f32[3]) { %y = Relu(%x) return %y }",
                "graph main(%x: f16[3]) { %y = BitCast<to=5>(%x) return %y }",
                "graph main(%x: f16[3]) { %s = const f16[] {0.3} %y = QuantizeLinear(%x, %s) return %y }"
            })
    void graphsWithoutArithmeticOf16BitsStay(String text) {
        Graph graph = Graphs.parse(
                text.replace(" %", "\n%").replace(" return", "\nreturn").replace(" }", "\n}"));
        assertThat(new HalfWidening().apply(graph)).isSameAs(graph);
    }

    @Test
    void bodiesKeepTheTypesOfTheirInputsAndOutputs() {
        Graph result = widened("""
            graph main(%c: bool[], %x: f16[2]) {
              %a = Abs(%x)
              %y = If<then_branch=graph t(%b: f16[2]) {
                %p = Sqrt(%b)
                return %p
              }, else_branch=graph e(%d: f16[2]) {
                %n = Neg(%d)
                return %n
              }>(%c, %a)
              %z = Relu(%y)
              return %z
            }
            """);
        assertThat(nodes(result).stream().filter(n -> n.startsWith("Relu") || n.startsWith("Abs")))
                .containsExactly("Abs f32 f32", "Relu f32 f32");
        Tensor x = Tensor.allocate(DType.FLOAT16, 2);
        x.setDouble(0, 4);
        x.setDouble(1, 9);
        Graphs.run(result, Tensor.scalar(true), x)
                .forEach(y -> assertThat(((Tensor) y).getFloat(1)).isEqualTo(3));
    }

    private static Tensor random(DType type, long... dims) {
        Random random = new Random(5);
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextGaussian());
        }
        return t;
    }

    private static Graph graph(String text, Map<String, Tensor> constants) {
        return GraphText.parse(text, StandardOperators.set(), constants::get);
    }

    private static Graph simplified(Graph graph) {
        Graph result = Pipeline.standard().simplify(graph, RewriteTrace.none());
        GraphVerifier.verify(result);
        return result;
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void weightsKeepTheir16Bits(DType type) {
        Tensor w = random(type, 40, 50);
        Graph graph = graph("""
            graph main(%%x: f32[3,50]) {
              %%h = const %s[40,50] @w
              %%w = Cast<to=1>(%%h)
              %%t = Transpose<perm=[1, 0]>(%%w)
              %%y = MatMul(%%x, %%t)
              return %%y
            }
            """.formatted(type.text()), Map.of("w", w));
        Graph result = simplified(graph);
        Node product = result.nodes().getFirst();
        assertThat(product.op()).isInstanceOf(MatMul.class);
        Tensor found = product.input(1).constant();
        assertThat(found.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(found.dims()).containsExactly(50, 40);
        assertThat(found.narrow().dtype()).isEqualTo(type);
        Tensor x = random(DType.FLOAT32, 3, 50);
        Graphs.requireEqual(Graphs.run(result, x), Graphs.run(graph, x));
    }

    @Test
    void weightsThatNeedMoreBitsAreFloat32() {
        Graph graph = graph("""
            graph main(%x: f32[3,40]) {
              %h = const f16[40,50] @w
              %w = Cast<to=1>(%h)
              %third = const f32[] {0.3333}
              %t = Mul(%w, %third)
              %y = MatMul(%x, %t)
              %z = MatMul(%x, %w)
              return %y, %z
            }
            """, Map.of("w", random(DType.FLOAT16, 40, 50)));
        Graph result = simplified(graph);
        assertThat(result.constants().stream().map(v -> v.constant().narrow() != null))
                .containsExactlyInAnyOrder(true, false);
    }

    /** A factor in the weights would take their 16 bits from them. */
    @Test
    void factorsStayOutside() {
        Graph graph = graph("""
            graph main(%x: f32[3,40]) {
              %h = const f16[40,50] @w
              %w = Cast<to=1>(%h)
              %third = const f32[] {0.3333}
              %s = Mul(%x, %third)
              %p = MatMul(%s, %w)
              %y = Mul(%p, %third)
              return %y
            }
            """, Map.of("w", random(DType.FLOAT16, 40, 50)));
        Graph result = simplified(graph);
        assertThat(result.constants().stream().filter(v -> v.constant().size() > 1))
                .singleElement()
                .satisfies(v -> assertThat(v.constant().narrow()).isNotNull());
        Tensor x = random(DType.FLOAT32, 3, 40);
        Graphs.requireEqual(Graphs.run(result, x), Graphs.run(graph, x));
    }

    @Test
    void tablesAreReadIn16Bits() {
        Graph graph = graph("""
            graph main(%i: i64[3]) {
              %h = const f16[40,50] @w
              %w = Cast<to=1>(%h)
              %y = Gather(%w, %i)
              return %y
            }
            """, Map.of("w", random(DType.FLOAT16, 40, 50)));
        Graph result = simplified(graph);
        assertThat(result.nodes().stream().map(node -> (Object) node.op().getClass()))
                .containsExactly(Gather.class, Cast.class);
        assertThat(result.constants()).allMatch(v -> v.constant().dtype() == DType.FLOAT16);
        Tensor rows = Tensor.of(new long[] {39, 0, 7});
        Graphs.requireEqual(Graphs.run(result, rows), Graphs.run(graph, rows));
    }
}
