package dev.tenon.graph.rewrite;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.near;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.product;
import static dev.tenon.graph.rewrite.Pattern.scalar;
import static dev.tenon.graph.rewrite.Pattern.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Sum;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.CpuTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewriterTest {
    private static Graph rewrite(RewriteTrace trace, String text, Rule... rules) {
        Graph graph = Graphs.parse(text);
        Graph result = new Rewriter(RuleSet.of(rules)).apply(graph, trace);
        GraphVerifier.verify(result);
        return result;
    }

    private static boolean matches(Pattern pattern, String node) {
        RewriteTrace trace = new RewriteTrace();
        Rule rule = Rule.of("r", pattern, (m, to) -> to.add(new Exp(), m.value("x")));
        rewrite(
                trace,
                "graph g(%x: f32[2], %z: f32[2]) {\n%half = const f32[] {0.5}\n%two = const f32[1] {2.0}\n"
                        + "%w = const f32[2] {1.0, 2.0}\n" + node + "\nreturn %y\n}",
                rule);
        return trace.count("r") > 0;
    }

    @Test
    void commutativeOperandsMatchInEitherOrder() {
        Pattern p = op(Add.class, op(Neg.class, any("x")), any("x"));
        assertThat(matches(p, "%n = Neg(%x) %y = Add(%n, %x)")).isTrue();
        assertThat(matches(p, "%n = Neg(%x) %y = Add(%x, %n)")).isTrue();
        assertThat(matches(p, "%n = Neg(%x) %y = Add(%z, %n)"))
                .as("another value")
                .isFalse();
        Pattern q = op(Sub.class, op(Neg.class, any("x")), any("x"));
        assertThat(matches(q, "%n = Neg(%x) %y = Sub(%x, %n)")).isFalse();
    }

    @Test
    void anEarlierChoiceIsRevisedForALaterOperand() {
        Pattern p = op(Sub.class, op(Add.class, any("x"), any("z")), any("x"));
        assertThat(matches(p, "%n = Add(%x, %z) %y = Sub(%n, %x)")).isTrue();
        assertThat(matches(p, "%n = Add(%z, %x) %y = Sub(%n, %x)")).isTrue();
    }

    @Test
    void constantsMatchByValue() {
        assertThat(matches(op(Mul.class, any("x"), scalar(2)), "%y = Mul(%x, %two)"))
                .isTrue();
        assertThat(matches(op(Mul.class, any("x"), scalar(2)), "%y = Mul(%x, %half)"))
                .isFalse();
        assertThat(matches(op(Mul.class, any("x"), scalar("c")), "%y = Mul(%x, %w)"))
                .isFalse();
        assertThat(matches(op(Mul.class, any("x"), near(2.0000001)), "%y = Mul(%x, %two)"))
                .isTrue();
        assertThat(matches(op(Mul.class, any("x"), near(2.001)), "%y = Mul(%x, %two)"))
                .isFalse();
    }

    @Test
    void operatorsMatchByListAndCondition() {
        Pattern p = op(List.of(Neg.class, Abs.class), any("x"));
        assertThat(matches(p, "%y = Abs(%x)")).isTrue();
        assertThat(matches(p, "%y = Relu(%x)")).isFalse();
        Pattern q = op(Transpose.class, any("x"))
                .where(Transpose.class, t -> t.perm().isEmpty());
        assertThat(matches(q, "%y = Transpose(%x)")).isTrue();
        assertThat(matches(q, "%y = Transpose<perm=[0]>(%x)")).isFalse();
        Pattern r = either(op(Neg.class, any("x")), op(Relu.class, op(Abs.class, any("x"))));
        assertThat(matches(r, "%a = Abs(%x) %y = Relu(%a)")).isTrue();
        assertThat(matches(r, "%a = Neg(%x) %y = Relu(%a)")).as("the inner one").isTrue();
    }

    @Test
    void laterOutputsMatchIfAskedFor() {
        Pattern p = op(Concat.class, op(Split.class, any("x")).open().output(1), any());
        assertThat(matches(p, "%a, %b = Split(%x) %y = Concat<axis=0>(%b, %a)")).isTrue();
        assertThat(matches(p, "%a, %b = Split(%x) %y = Concat<axis=0>(%a, %b)")).isFalse();
    }

    @Test
    void operandsMustBeAsManyUnlessOpen() {
        Pattern p = op(Sum.class, any("x"), any());
        assertThat(matches(p, "%y = Sum(%x, %z)")).isTrue();
        assertThat(matches(p, "%y = Sum(%x, %z, %z)")).isFalse();
        assertThat(matches(op(Sum.class, any("x")).open(), "%y = Sum(%x, %z, %z)"))
                .isTrue();
    }

    @Test
    void productsAndSumsMatchHoweverTheyAreAssociated() {
        Pattern p = product(1, any("x"), op(Exp.class, any("x")), sum(2.5, any("z")));
        assertThat(matches(p, """
            %e = Exp(%x)
            %s = Add(%half, %z)
            %t = Add(%s, %two)
            %a = Mul(%t, %half)
            %b = Mul(%a, %x)
            %c = Mul(%e, %two)
            %y = Mul(%c, %b)
            """)).isTrue();
        assertThat(matches(p, """
            %e = Exp(%x)
            %s = Sub(%z, %half)
            %t = Add(%s, %two)
            %a = Mul(%t, %x)
            %y = Mul(%a, %e)
            """)).as("another offset").isFalse();
        assertThat(matches(product(4, any("x"), any("x")), "%a = Div(%x, %half) %b = Mul(%two, %x) %y = Mul(%b, %a)"))
                .isTrue();
    }

    @Test
    void rewritesGoOnUntilNothingMatches() {
        RewriteTrace trace = new RewriteTrace();
        Graph result = rewrite(
                trace,
                "graph g(%x: f32[2]) { %a = Neg(%x) %b = Abs(%a) %c = Neg(%b) %y = Relu(%c) return %y }",
                Rule.of("abs", op(Abs.class, any("x")), (m, to) -> to.add(new Neg(), m.value("x"))),
                Rule.of("neg-neg", op(Neg.class, op(Neg.class, any("x"))), (m, to) -> m.value("x")));
        assertThat(result.toString())
                .isEqualTo(Graphs.parse("graph g(%x: f32[2]) { %c = Neg(%x) %y = Relu(%c) return %y }")
                        .toString());
        assertThat(trace.counts()).containsOnlyKeys("abs", "neg-neg");
        assertThat(trace.fired()).extracting(RewriteTrace.Fired::rule).containsExactly("neg-neg", "abs");
    }

    @Test
    void refusalsGiveReasons() {
        RewriteTrace trace = new RewriteTrace();
        rewrite(
                trace,
                "graph g(%x: f32[2]) { %a = Neg(%x) \"first\" %y = Neg(%a) \"second\" return %y, %a }",
                Rule.of("guarded", op(Neg.class, any("x")), (m, to) -> m.value("x"))
                        .unless(m -> "this is a test"),
                Rule.of("once", op(Neg.class, op(Neg.class, any("x")).once()), (m, to) -> m.value("x")));
        assertThat(trace.fired()).isEmpty();
        assertThat(trace.print()).isEqualTo("""
            near miss guarded at Neg 'first' in g: this is a test
            near miss guarded at Neg 'second' in g: this is a test
            near miss once at Neg 'second' in g: %a is used 2 times
            """);
    }

    @Test
    void replacementsOfAnotherTypeAreRefused() {
        RewriteTrace trace = new RewriteTrace();
        rewrite(
                trace,
                "graph g(%x: f32[2], %z: f32[1]) { %y = Sub(%x, %z) return %y }",
                Rule.of("wrong", op(Sub.class, any(), any("z")), (m, to) -> to.add(new Abs(), m.value("z"))));
        assertThat(trace.fired()).isEmpty();
        assertThat(trace.print())
                .isEqualTo("near miss wrong at Sub in g: the result would be f32[1] instead of f32[2]\n");
    }

    @Test
    void aReplacementThatDoesNotTypeCheckIsRefused() {
        RewriteTrace trace = new RewriteTrace();
        rewrite(
                trace,
                "graph g(%x: f32[2,3]) { %y = Neg(%x) return %y }",
                Rule.of("wrong", op(Neg.class, any("x")), (m, to) -> to.add(new Transpose(List.of(0)), m.value("x"))));
        assertThat(trace.print()).contains("near miss wrong", "perm [0] does not fit");
    }

    @Test
    void aRuleThatNeverEndsRunsOutOfBudget() {
        RewriteTrace trace = new RewriteTrace();
        rewrite(
                trace,
                "graph g(%x: f32[2]) { %y = Neg(%x) return %y }",
                Rule.of("a", op(Neg.class, any("x")), (m, to) -> to.add(new Abs(), m.value("x"))),
                Rule.of("b", op(Abs.class, any("x")), (m, to) -> to.add(new Neg(), m.value("x"))));
        assertThat(trace.print()).contains("stopped before a fixed point");
    }

    @Test
    void aBudgetBisects() {
        Graph graph = Graphs.parse("graph g(%x: f32[2]) { %a = Neg(%x) %b = Neg(%a) %y = Neg(%b) return %y }");
        Rewriter rewriter = new Rewriter(
                RuleSet.of(Rule.of("a", op(Neg.class, any("x")), (m, to) -> to.add(new Abs(), m.value("x")))));
        for (int i = 0; i <= 3; i++) {
            RewriteTrace trace = new RewriteTrace();
            rewriter.apply(graph, trace, i);
            assertThat(trace.count("a")).isEqualTo(i);
        }
    }

    @Test
    void bodiesAreRewritten() {
        RewriteTrace trace = new RewriteTrace();
        Graph result = rewrite(
                trace, """
                graph main(%x: f32[1], %n: i64[], %q: f32[2,1]) {
                  %y = Loop<body=graph b(%i: i64[], %go: bool[], %v: f32[1]) {
                    %u = If<then_branch=graph t(%a: f32[1]) {
                      %p = Neg(%a)
                      %r = Neg(%p)
                      return %r
                    }, else_branch=graph e(%a: f32[1]) {
                      return %a
                    }>(%go, %v)
                    return %go, %u
                  }>(%n, _, %x)
                  %s, %o = Scan<num_scan_inputs=1, body=graph c(%st: f32[1], %in: f32[1]) {
                    %p = Neg(%in)
                    %r = Neg(%p)
                    %t = Add(%st, %r)
                    return %t, w=%t
                  }>(%x, %q)
                  return %y, %s, %o
                }
                """, Rule.of("neg-neg", op(Neg.class, op(Neg.class, any("x"))), (m, to) -> m.value("x")));
        assertThat(result.toString()).doesNotContain("Neg");
        assertThat(trace.fired()).extracting(RewriteTrace.Fired::graph).containsExactly("t", "c");
    }

    @Test
    void setsHaveEachNameOnceAndStartAtOperators() {
        Rule rule = Rule.of("a", op(Neg.class, any("x")), (m, to) -> m.value("x"));
        assertThatThrownBy(() -> RuleSet.of(rule, rule)).hasMessageContaining("two rules 'a'");
        assertThatThrownBy(() -> RuleSet.of(Rule.of("b", any("x"), (m, to) -> m.value("x"))))
                .hasMessageContaining("starts at no operator");
    }

    private static Graph chain(int nodes) {
        GraphBuilder b = new GraphBuilder("chain");
        Value v = b.input("x", new TensorType(DType.FLOAT32, Shape.of(Dim.symbol("a"), Dim.symbol("b"))));
        Value one = b.constant(Tensor.scalar(1f));
        for (int i = 0; i < nodes; i++) {
            v = switch (i % 5) {
                case 0 -> b.add(new Transpose(List.of(1, 0)), v);
                case 1 -> b.add(new Relu(), v);
                case 2 -> b.add(new Mul(), v, one);
                case 3 -> b.add(new Neg(), v);
                default -> b.add(new Abs(), v);
            };
        }
        return b.output("y", v).build();
    }

    private static Graph fan(int nodes) {
        GraphBuilder b = new GraphBuilder("fan");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(3, 4)));
        Value t = b.add(new Transpose(List.of(1, 0)), x);
        Value one = b.constant(Tensor.scalar(1f));
        List<Value> all = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            Value c = b.constant(Tensor.scalar((float) i));
            all.add(b.add(new Mul(), b.add(new Add(), t, c), one));
        }
        List<Value> joined = b.add(new Concat(0), "", all, List.of("y"));
        return b.output("y", joined.getFirst()).build();
    }

    @Test
    void largeGraphsTakeLinearTime() {
        CpuTime.assertLinear("chain", optimizing(chain(2_500), 500), optimizing(chain(10_000), 2_000));
        CpuTime.assertLinear("fan", optimizing(fan(500), 500), optimizing(fan(2_000), 2_000));
    }

    private static Runnable optimizing(Graph graph, int products) {
        return () -> {
            RewriteTrace trace = new RewriteTrace();
            Graph result = Pipeline.standard().apply(graph, trace);
            assertThat(result.nodes().size()).isLessThan(graph.nodes().size());
            assertThat(trace.count("mul-one")).isEqualTo(products);
        };
    }
}
