package dev.tenon.graph.rewrite;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.If;
import dev.tenon.graph.pass.CommonSubexpressions;
import dev.tenon.graph.pass.ConstantFolding;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.graph.pass.Fusion;
import dev.tenon.graph.pass.LayoutAssignment;
import dev.tenon.graph.pass.Pass;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.pass.Rewriting;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Neg;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GraphMappingTest {
    private static final String HIDDEN = """
        graph main(%x: f32[n,2]) {
          %w = const f32[2,3] {1, 2, 3, 4, 5, 6}
          %h = MatMul(%x, %w)
          %i = Identity(%h)
          %s = Add(%i, %i)
          %y = Relu(%s)
          return %y
        }
        """;

    private static String now(GraphMapping mapping, String name) {
        return mapping.find(name).map(Value::name).orElse("gone");
    }

    private static GraphMapping after(Pass pass, String text) {
        Graph graph = Graphs.parse(text);
        GraphMapping mapping = new GraphMapping(graph);
        Graph result = pass.apply(graph, RewriteTrace.following(mapping));
        assertThat(mapping.original()).isSameAs(graph);
        assertThat(mapping.current()).isSameAs(result);
        return mapping;
    }

    private static Pass rules(Rule... rules) {
        return new Rewriting("rules", RuleSet.of(rules));
    }

    @Test
    void atFirstEachValueIsItself() {
        Graph graph = Graphs.parse(HIDDEN);
        GraphMapping mapping = new GraphMapping(graph);
        assertThat(mapping.current()).isSameAs(graph);
        for (String name : List.of("x", "w", "h", "y")) {
            assertThat(mapping.find(name)).containsSame(new GraphIndex(graph).value(name));
        }
    }

    @Test
    void unknownValuesAreRefused() {
        GraphMapping mapping = new GraphMapping(Graphs.parse(HIDDEN));
        Value foreign = Graphs.parse(HIDDEN).inputs().getFirst();
        assertThatThrownBy(() -> mapping.find(foreign))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContainingAll("value 'x'", "another graph", "before rules and passes");
        assertThatThrownBy(() -> mapping.find("nowhere"))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContainingAll("value 'nowhere'", "no value of this name in graph 'main'");
    }

    @Test
    void aReplacedValueIsItsReplacement() {
        GraphMapping mapping = after(
                rules(Rule.of("neg-neg", op(Neg.class, op(Neg.class, any("x"))), "x")),
                "graph g(%x: f32[2]) { %a = Neg(%x) %b = Neg(%a) %y = Abs(%b) return %y }");
        assertThat(now(mapping, "b")).isEqualTo("x");
        assertThat(now(mapping, "a")).isEqualTo("gone");
        assertThat(now(mapping, "y")).isEqualTo("y");
    }

    @Test
    void aNameThatIsUsedAgainIsNoCorrespondence() {
        Rule rule = Rule.of(
                "abs-of-neg",
                op(Abs.class, op(Neg.class, any("x"))),
                (m, to) -> to.add(new Neg(), to.add(new Abs(), m.value("x"))));
        GraphMapping mapping =
                after(rules(rule), "graph g(%x: f32[2]) { %Abs = Exp(%x) %n = Neg(%x) %y = Abs(%n) return %y }");
        assertThat(new GraphIndex(mapping.current()).findValue("Abs")).isPresent();
        assertThat(mapping.find("Abs")).isEmpty();
    }

    @Test
    void foldedAndSharedValuesAreFollowed() {
        GraphMapping folded = after(
                new ConstantFolding(),
                "graph g(%x: f32[]) { %c = const f32[] {2} %d = Neg(%c) %y = Add(%x, %d) return %y }");
        assertThat(folded.find("d")).get().matches(Value::isConstant);
        GraphMapping shared = after(
                new CommonSubexpressions(),
                "graph g(%x: f32[2]) { %a = Neg(%x) %b = Neg(%x) %y = Add(%a, %b) return %y }");
        assertThat(now(shared, "a")).isEqualTo("a");
        assertThat(now(shared, "b")).isEqualTo("a");
        GraphMapping dropped =
                after(new DeadCodeElimination(), "graph g(%x: f32[2]) { %a = Neg(%x) %y = Abs(%x) return %y }");
        assertThat(now(dropped, "a")).isEqualTo("gone");
    }

    @Test
    void valuesInsideOfFusedOperatorsAreGoneUnlessTheyAreExposed() {
        String text = "graph g(%x: f32[2]) { %a = Neg(%x) %b = Abs(%a) %y = Exp(%b) return %y }";
        GraphMapping mapping = after(new Fusion(), text);
        assertThat(now(mapping, "a")).isEqualTo("gone");
        assertThat(now(mapping, "y")).isEqualTo("y");
        Graph graph = Graphs.parse(text);
        Graph exposed = GraphEditor.exposing(graph, List.of(new GraphIndex(graph).value("a")));
        GraphMapping kept = new GraphMapping(exposed);
        Graph result = new Fusion().apply(exposed, RewriteTrace.following(kept));
        assertThat(kept.find("a")).containsSame(result.outputs().getLast());
    }

    @Test
    void aPassWithoutEffectLeavesTheMappingAlone() {
        GraphMapping mapping = after(new CommonSubexpressions(), HIDDEN);
        assertThat(mapping.current()).isSameAs(mapping.original());
        assertThat(now(mapping, "i")).isEqualTo("i");
    }

    @Test
    void valuesAreFollowedThroughAllPasses() {
        Graph graph = Graphs.parse(HIDDEN);
        GraphMapping mapping = new GraphMapping(graph);
        Graph result = Pipeline.standard().withLayouts().apply(graph, RewriteTrace.following(mapping));
        assertThat(mapping.current()).isSameAs(result);
        assertThat(mapping.find("y")).containsSame(result.outputs().getFirst());
        assertThat(mapping.find("i")).isEqualTo(mapping.find("h"));
        assertThat(mapping.find("x")).containsSame(result.inputs().getFirst());
    }

    @Test
    void transposedValuesAreGone() {
        GraphMapping mapping = after(new LayoutAssignment(), """
            graph g(%x: f32[1,32,64,64]) {
              %w = const f32[32,1,1,1] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
              %a = Conv<group=32>(%x, %w)
              %b = Conv<group=32>(%a, %w)
              %c = Conv<group=32>(%b, %w)
              %d = Conv<group=32>(%c, %w)
              %y = Conv<group=32>(%d, %w)
              return %y
            }
            """);
        Optional<Value> b = mapping.find("b");
        boolean transposed = mapping.current() != mapping.original();
        assertThat(b.isEmpty()).isEqualTo(transposed);
        assertThat(mapping.find("y")).isPresent();
    }

    private static final String BRANCHES = """
        graph main(%x: f32[2], %c: bool[]) {
          %y = If<then_branch=graph yes(%a: f32[2]) {
            %t = Identity(%a)
            %u = Neg(%t)
            return %u
          }, else_branch=graph no(%a: f32[2]) {
            %v = Neg(%a)
            %w = Neg(%a)
            %r = Add(%v, %w)
            return %r
          }>(%c, %x)
          return %y
        }
        """;

    private static Value inBranch(Graph graph, int branch, String name) {
        return new GraphIndex(((If) graph.nodes().getFirst().op()).bodies().get(branch)).value(name);
    }

    @Test
    void valuesOfBodiesAreFollowed() {
        Graph graph = Graphs.parse(BRANCHES);
        GraphMapping mapping = new GraphMapping(graph);
        Graph result = Pipeline.standard().simplify(graph, RewriteTrace.following(mapping));
        assertThat(mapping.find(inBranch(graph, 0, "t"))).containsSame(inBranch(result, 0, "a"));
        assertThat(mapping.find(inBranch(graph, 0, "u"))).containsSame(inBranch(result, 0, "u"));
        assertThat(mapping.find(inBranch(graph, 1, "w"))).containsSame(inBranch(result, 1, "v"));
        assertThatThrownBy(() -> mapping.find("u")).isInstanceOf(InvalidGraphException.class);
    }

    @Test
    void valuesOfBodiesThatAreInlinedAreGone() {
        Graph graph = Graphs.parse(BRANCHES.replace(", %c: bool[]) {", ") { %c = const bool[] {true}"));
        GraphMapping mapping = new GraphMapping(graph);
        Graph result = Pipeline.standard().apply(graph, RewriteTrace.following(mapping));
        assertThat(mapping.find(inBranch(graph, 0, "u"))).isEmpty();
        assertThat(mapping.find(inBranch(graph, 1, "v"))).isEmpty();
        assertThat(mapping.find("y")).containsSame(result.outputs().getFirst());
    }

    @Test
    void tracesThatFollowValuesKeepNothingElse() {
        GraphMapping mapping = new GraphMapping(Graphs.parse(HIDDEN));
        RewriteTrace trace = RewriteTrace.following(mapping);
        Pipeline.standard().apply(mapping.original(), trace);
        assertThat(trace.isKept()).isFalse();
        assertThat(trace.print()).isEmpty();
        assertThat(RewriteTrace.none().silent()).isSameAs(RewriteTrace.none());
        assertThat(new RewriteTrace().silent()).isSameAs(RewriteTrace.none());
    }
}
