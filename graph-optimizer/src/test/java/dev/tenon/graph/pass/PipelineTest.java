package dev.tenon.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The order and the number of passes, copies of graphs, and constants of bodies. */
class PipelineTest {
    /** A pass that changes a graph some times, and counts how often it is applied. */
    private static final class Counting implements Pass {
        private final int changes;
        private int applied;

        Counting(int changes) {
            this.changes = changes;
        }

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public Graph apply(Graph graph, RewriteTrace trace) {
            return ++applied > changes ? graph : Graphs.parse(GraphText.print(graph));
        }
    }

    private static int rounds(int changes) {
        Counting pass = new Counting(changes);
        new Pipeline(List.of(pass)).apply(Graphs.parse("graph main(%x: f32[2]) { %y = Neg(%x) return %y }"));
        return pass.applied;
    }

    @Test
    void passesAreRepeatedUntilNothingChanges() {
        assertThat(rounds(0)).isEqualTo(1);
        assertThat(rounds(2)).isEqualTo(3);
        assertThat(rounds(100)).as("a graph that always changes").isEqualTo(8);
    }

    private static List<String> names(List<Pass> passes) {
        return passes.stream().map(Pass::name).toList();
    }

    @Test
    void morePassesComeFirst() {
        Pipeline plain = Pipeline.standard(StandardRules.FLOATS.rules(), Target.standard());
        assertThat(names(plain.simplification())).startsWith("block-weights", "constant-folding");
        assertThat(names(plain.withIntegers().simplification())).startsWith("integers", "integers", "block-weights");
        assertThat(names(plain.withHalfWidening().simplification())).startsWith("half-widening", "block-weights");
        assertThat(names(plain.withPrecision(StandardRules.FLOATS.rules()).lowering()))
                .startsWith("precision")
                .hasSize(plain.lowering().size() + 1);
        assertThat(names(plain.withLayouts().lowering())).startsWith("layout-assignment");
    }

    @Test
    void blockWeightsHaveRulesForTheirProductAlone() {
        Rewriting first = (Rewriting) Pipeline.standard().simplification().getFirst();
        assertThat(first.rules().rules()).isNotEmpty().allMatch(rule -> rule.product() == BlockQuantizedMatMul.class);
    }

    @Test
    void rulesAreMadeBeforeTheyAreNeeded() {
        Pipeline pipeline = Pipeline.standard();
        pipeline.prepare(List.of(Add.class));
        Graph graph = Graphs.parse("graph main(%x: f32[2]) { %y = Neg(%x) return %y }");
        assertThat(pipeline.apply(graph)).isSameAs(graph);
    }

    /** A pass of the lowering that changes nothing does not simplify either. */
    @Test
    void loweringAloneDoesNotFold() {
        Graph graph = Graphs.parse("""
            graph main() {
              %a = const f32[2] {1.0, 2.0}
              %y = Neg(%a)
              return %y
            }
            """);
        assertThat(Pipeline.standard().lower(graph, RewriteTrace.none())).isSameAs(graph);
    }

    @Test
    void copiesHaveOtherTypesOrNames() {
        Graph graph = Graphs.parse("graph main(%x: f32[n], %z: f32[n]) { %y = Add(%x, %z) return %y }"
                .replace(" %y =", "\n%y =")
                .replace(" return", "\nreturn"));
        Graph typed = GraphCopy.of(graph, List.of(ValueType.parse("f32[2]"), ValueType.parse("f32[2]")));
        GraphVerifier.verify(typed);
        assertThat(GraphText.print(typed))
                .isEqualTo("graph main(%x: f32[2], %z: f32[2]) {\n  %y: f32[2] = Add(%x, %z)\n  return %y\n}\n");
        Graph named = GraphCopy.renamingInputs(graph, Map.of("x", "first"));
        GraphVerifier.verify(named);
        assertThat(GraphText.print(named))
                .isEqualTo(
                        "graph main(%first: f32[n], %z: f32[n]) {\n  %y: f32[n] = Add(%first, %z)\n  return %y\n}\n");
    }

    private static Graph sunk(String text, Tensor... inputs) {
        Graph graph = Graphs.parse(text);
        Graph result = new CapturedConstants().apply(graph);
        GraphVerifier.verify(result);
        Graphs.requireEqual(Graphs.run(result, inputs), Graphs.run(graph, inputs));
        assertThat(new CapturedConstants().apply(result)).as("a second time").isSameAs(result);
        return result;
    }

    /** The count and the first state of a loop are constants, too; they stay operands. Other nodes stay as they are. */
    @Test
    void onlyCapturedConstantsMove() {
        Graph result = sunk("""
            graph main(%x: f32[2]) {
              %n = const i64[] {3}
              %start = const f32[2] {1.0, 2.0}
              %w = const f32[2] {3.0, 4.0}
              %m = Neg(%x)
              %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[2], %c: f32[2], %d: f32[2]) {
                %p = Mul(%v, %c)
                %q = Add(%p, %d)
                return %go, %q
              }, carried=1>(%n, _, %start, %w, %m)
              %z = Add(%y, %m)
              return %z
            }
            """, Tensor.of(new float[] {5, 6}));
        assertThat(result.nodes().get(1).inputs().stream().map(v -> v == null ? "_" : v.name()))
                .containsExactly("n", "_", "start", "m");
    }

    @Test
    void constantsMoveIntoBodiesOfBodies() {
        Graph result = sunk("""
            graph main(%x: f32[2], %n: i64[]) {
              %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[2]) {
                %w = const f32[2] {3.0, 4.0}
                %u = If<then_branch=graph t(%a: f32[2], %c: f32[2]) {
                  %p = Mul(%a, %c)
                  return %p
                }, else_branch=graph e(%a: f32[2], %c: f32[2]) {
                  return %c
                }>(%go, %v, %w)
                return %go, %u
              }>(%n, _, %x)
              return %y
            }
            """, Tensor.of(new float[] {5, 6}), Tensor.scalar(2L));
        assertThat(GraphText.print(result)).contains(">(%go, %v)");
    }
}
