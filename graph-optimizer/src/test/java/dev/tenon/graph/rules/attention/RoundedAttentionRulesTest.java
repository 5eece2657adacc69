package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import dev.tenon.graph.rules.layout.TransposeRules;
import dev.tenon.graph.rules.quant.FakeQuantRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention between QuantizeLinear and DequantizeLinear, which other rules make roundings of floats first. */
class RoundedAttentionRulesTest {
    private static final RuleSet SET = AlgebraRules.SET
            .plus(TransposeRules.SET)
            .plus(FakeQuantRules.OF_FLOATS)
            .plus(RoundedAttentionRules.SET);

    private static final String HEADS = "%q: f32[b,2,n,4], %k: f32[b,2,m,4], %v: f32[b,2,m,3]";

    private static final String SCORES = """
        %t = Transpose<perm=[0, 1, 3, 2]>(%k)
        %qq = QuantizeLinear(%q, %s, %z); %qd = DequantizeLinear(%qq, %s, %z)
        %kq = QuantizeLinear(%t, %s, %z); %kd = DequantizeLinear(%kq, %s, %z)
        %vq = QuantizeLinear(%v, %u, %i); %vd = DequantizeLinear(%vq, %u, %i)
        %c = MatMul(%qd, %kd)
        """;

    private static final String REST = """
        %p = Softmax(%f)
        %pq = QuantizeLinear(%p, %e, %n); %pd = DequantizeLinear(%pq, %e, %n)
        """;

    private static final String END = "%y = MatMul(%pd, %vd)";

    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n" + """
            %s = const f32[] {0.125}
            %u = const f32[] {0.0625}
            %e = const f32[] {0.00390625}
            %r = const f32[] {2}
            %z = const u8[] {128}
            %n = const u8[] {0}
            %i = const i8[] {3}
            """ + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"%f = Div(%c, %r)", "%f = Mul(%c, %r)", "%f = Identity(%c)"})
    void becomesOneOperator(String scaled) {
        Graph result = Rewrites.fires(SET, "rounded-attention", graph(HEADS, SCORES + scaled + "\n" + REST + END));
        assertThat(Rewrites.operators(result)).containsExactly("RoundedAttention");
    }

    @Test
    void allRoundingsAreAttributes() {
        Rewrites.becomes(SET, "rounded-attention", graph(HEADS, SCORES + "%f = Div(%c, %r)\n" + REST + END), """
                graph g(%q: f32[b,2,n,4], %k: f32[b,2,m,4], %v: f32[b,2,m,3]) {
                  %y: f32[b,2,n,3] = dev.tenon.RoundedAttention<keys=[0.125f, -128.0f, 127.0f], probabilities=[0.00390625f, 0.0f, 255.0f], queries=[0.125f, -128.0f, 127.0f], scale=0.5f, values=[0.0625f, -131.0f, 124.0f]>(%q, %k, %v)
                  return %y
                }
                """);
    }

    /** Heads that are pieces of one operand, in an order. */
    private static String pieces(int query, int key) {
        String pieces = """
            %to = const i64[5] {0, 0, 3, 2, 4}; %h = Reshape(%x, %to)
            %a = Transpose<perm=[2, 0, 3, 1, 4]>(%h)
            %g0 = const i64[] {QUERY}; %g1 = const i64[] {KEY}; %g2 = const i64[] {2}
            %q = Gather<axis=0>(%a, %g0); %k = Gather<axis=0>(%a, %g1); %v = Gather<axis=0>(%a, %g2)
            """.replace("QUERY", Integer.toString(query)).replace("KEY", Integer.toString(key));
        String joined =
                "\n%o = Transpose<perm=[0, 2, 1, 3]>(%w); %back = const i64[3] {0, 0, 8}; %y = Reshape(%o, %back)";
        return graph(
                "%x: f32[b,n,24]", pieces + SCORES + "%f = Div(%c, %r)\n" + REST + END.replace("%y", "%w") + joined);
    }

    @Test
    void piecesOfOneOperandAreReadThere() {
        Rewrites.becomes(SET, "rounded-attention-pieces", pieces(0, 1), """
                graph g(%x: f32[b,n,24]) {
                  %y: f32[b,n,8] = dev.tenon.RoundedAttention<heads=2, keys=[0.125f, -128.0f, 127.0f], probabilities=[0.00390625f, 0.0f, 255.0f], queries=[0.125f, -128.0f, 127.0f], scale=0.5f, values=[0.0625f, -131.0f, 124.0f]>(%x)
                  return %y
                }
                """);
    }

    @Test
    void piecesInAnotherOrderAreGathered() {
        Graph result = Rewrites.fires(SET, "rounded-attention", pieces(1, 0));
        Rewrites.stays(RoundedAttentionRules.SET, "rounded-attention-pieces", GraphText.print(result));
    }

    @Test
    void headsThatAreJoinedInAnotherOrderAreMoved() {
        String text = pieces(0, 1)
                .replace("f32[b,n,24]", "f32[n,n,24]")
                .replace("perm=[0, 2, 1, 3]>(%w)", "perm=[2, 1, 0, 3]>(%w)")
                .replace("{0, 0, 8}", "{0, -1, 8}");
        Graph result = Rewrites.fires(SET, "rounded-attention", text);
        Rewrites.stays(RoundedAttentionRules.SET, "rounded-attention-pieces", GraphText.print(result));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %g: f32[] | %f = Mul(%c, %g)
            %g: f32[] | %h = const f32[4] {1, 2, 3, 4}; %f = Mul(%c, %h)
            """)
    void scoresWithOtherFactorsStay(String more, String scaled) {
        String inputs = HEADS.replace("b,2,m", "b,2,4") + ", " + more;
        Graph result = new Rewriter(SET)
                .apply(Graphs.parse(graph(inputs, SCORES + scaled + "\n" + REST + END)), new RewriteTrace());
        Rewrites.refuses(
                RoundedAttentionRules.SET, "rounded-attention", GraphText.print(result), "the scores are no products");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            scores that are read elsewhere | %f = Div(%c, %r) | %y0 = MatMul(%pd, %vd); %y1 = ReduceMax<keepdims=0>(%c); %y = Add(%y0, %y1)
            values that are not rounded    | %f = Div(%c, %r) | %y = MatMul(%pd, %v)
            probabilities of another axis  | %f = Div(%c, %r) | %o = Softmax<axis=1>(%f); %oq = QuantizeLinear(%o, %e, %n); %od = DequantizeLinear(%oq, %e, %n); %y = MatMul(%od, %vd)
            probabilities that are turned  | %f = Div(%c, %r) | %o = Transpose<perm=[0, 1, 3, 2]>(%p); %oq = QuantizeLinear(%o, %e, %n); %od = DequantizeLinear(%oq, %e, %n); %wq = QuantizeLinear(%q, %u, %i); %wd = DequantizeLinear(%wq, %u, %i); %y = MatMul(%od, %wd)
            a divisor that is lost         | %g = const f32[] {1e-40}; %f = Div(%c, %g) | %y = MatMul(%pd, %vd)
            a mask                         | %g = Div(%c, %r); %f = Add(%g, %s) | %y = MatMul(%pd, %vd)
            """)
    void othersStay(String what, String scaled, String end) {
        RewriteTrace trace = new RewriteTrace();
        Graph result = new Rewriter(SET).apply(Graphs.parse(graph(HEADS, SCORES + scaled + "\n" + REST + end)), trace);
        assertThat(trace.count("quantize-dequantize")).as(what).isPositive();
        assertThat(trace.count("rounded-attention")).as(what).isZero();
        Rewrites.stays(SET, "rounded-attention", GraphText.print(result));
    }
}
