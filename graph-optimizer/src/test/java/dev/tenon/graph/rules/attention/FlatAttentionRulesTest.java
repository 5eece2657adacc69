package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import dev.tenon.graph.rules.algebra.ShapeRules;
import dev.tenon.graph.rules.layout.TransposeRules;
import dev.tenon.graph.rules.layout.TransposedViewRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention by products of three dimensions, with a single head or with heads that are joined with the batch. */
class FlatAttentionRulesTest {
    private static final RuleSet ATTENTION = AttentionRules.SET.plus(FlatAttentionRules.SET);
    private static final RuleSet SET = AlgebraRules.SET
            .plus(TransposeRules.SET)
            .plus(TransposedViewRules.SET)
            .plus(ShapeRules.SET)
            .plus(ATTENTION)
            .plus(AttentionMaskRules.SET);

    private static final String SINGLE = """
        graph g(%q: f32[n,s,4], %k: f32[n,t,4], %v: f32[n,t,3], %a: f32[n,1,t], %b: f32[s,t], %c: f32[1,s,t], %w: f32[u,s,t], %h: f32[2,n,s,t]) {
        """;

    private static String single(String scores) {
        return SINGLE + """
              %f = const f32[] {0.5}
              %kt = Transpose<perm=[0, 2, 1]>(%k)
            """ + scores.replace("; ", "\n") + """

              %p = Softmax<axis=2>(%x)
              %y = MatMul(%p, %v)
              return %y
            }
            """;
    }

    @Test
    void matricesAreAttentionOfOneHead() {
        Rewrites.becomes(
                SET, "attention", single("%m = MatMul(%q, %kt); %z = Mul(%m, %f); %x = Add(%z, %a)"), SINGLE + """
              %const = const i64[1] {1}
              %const_1 = const i64[1] {1}
              %const_2 = const i64[1] {1}
              %const_3 = const i64[1] {1}
              %const_4 = const i64[1] {1}
              %Unsqueeze = Unsqueeze(%k, %const)
              %Unsqueeze_1 = Unsqueeze(%q, %const_1)
              %Unsqueeze_2 = Unsqueeze(%v, %const_2)
              %Unsqueeze_3 = Unsqueeze(%a, %const_3)
              %Attention = Attention<scale=0.5f>(%Unsqueeze_1, %Unsqueeze, %Unsqueeze_2, %Unsqueeze_3)
              %y = Squeeze(%Attention, %const_4)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.0  | %x = MatMul(%q, %kt)
        2.0  | %m = MatMul(%q, %kt); %z = Div(%m, %f); %x = Add(%z, %b)
        0.5  | %g = Mul(%f, %q); %m = MatMul(%g, %kt); %x = Add(%c, %m)
        2.0  | %g = Div(%q, %f); %x = MatMul(%g, %kt)
        0.25 | %g = Mul(%q, %f); %j = Mul(%kt, %f); %x = MatMul(%g, %j)
        0.5  | %m = MatMul(%q, %kt); %z = Mul(%m, %f); %d = Add(%z, %b); %x = Add(%d, %a)
        """)
    void scalesAndMasksOfMatricesAreTheAttentions(float scale, String scores) {
        Graph result =
                Rewrites.fires(SET, scores.contains("%d") ? "attention-added-twice" : "attention", single(scores));
        assertThat(result.toString())
                .contains(" = Attention<scale=" + scale + "f>(")
                .doesNotContain("Softmax", "Mul(");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        dimension u of the mask  | %m = MatMul(%q, %kt); %x = Add(%m, %w)
        all of rank 3            | %m = MatMul(%q, %kt); %one = const f32[1,1,1,1] {2}; %x = Mul(%m, %one)
        """)
    void otherMatricesAreRefused(String reason, String scores) {
        String axis = reason.startsWith("all") ? "axis=3" : "axis=2";
        Rewrites.refuses(ATTENTION, "attention", single(scores).replace("axis=2", axis), reason);
    }

    private static final String HEADS =
            "graph g(%q: f32[b,s,6], %k: f32[b,t,6], %v: f32[b,t,6], %m: f32[b,1,s,t]," + " %e: f32[b,1,1,t]) {\n";

    /**
     * The form of exporters of batched matrix products: heads move in front of positions, then are joined with the
     * batch.
     */
    private static String heads(String scores) {
        StringBuilder text = new StringBuilder(HEADS);
        text.append("""
              %zero = const i64[] {0}
              %one = const i64[] {1}
              %i0 = const i64[1] {0}
              %two = const i64[1] {2}
              %three = const i64[1] {3}
              %minus = const i64[1] {-1}
              %f = const f32[] {0.5}
              %qs = Shape(%q)
              %ks = Shape(%k)
              %b = Gather(%qs, %zero)
              %s = Gather(%qs, %one)
              %t = Gather(%ks, %one)
              %bu = Unsqueeze(%b, %i0)
              %su = Unsqueeze(%s, %i0)
              %tu = Unsqueeze(%t, %i0)
              %twice = Mul(%bu, %two)
              %split = const i64[4] {0, 0, 2, 3}
              %flat = Concat<axis=0>(%twice, %minus, %three)
              %whole = Concat<axis=0>(%bu, %two, %su, %tu)
              %all = Concat<axis=0>(%twice, %su, %tu)
              %apart = Concat<axis=0>(%bu, %two, %su, %three)
              %joined = const i64[3] {0, 0, 6}
              %qf = Mul(%q, %f)
            """);
        for (String name : new String[] {"qf", "q", "k", "v"}) {
            text.append("""
                  %NAME4 = Reshape(%NAME, %split)
                  %NAMEt = Transpose<perm=[0, 2, 1, 3]>(%NAME4)
                  %NAMEh = Reshape(%NAMEt, %flat)
                """.replace("NAME", name));
        }
        return text + "%keys = Transpose<perm=[0, 2, 1]>(%kh)\n" + scores.replace("; ", "\n") + """

              %p = Softmax<axis=-1>(%x)
              %o = MatMul(%p, %vh)
              %o4 = Reshape(%o, %apart)
              %ot = Transpose<perm=[0, 2, 1, 3]>(%o4)
              %y = Reshape(%ot, %joined)
              return %y
            }
            """;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1.0 | attention-flat-heads  | %x = MatMul(%qh, %keys)
        0.5 | attention-flat-heads  | %x = MatMul(%qfh, %keys)
        0.5 | attention-flat-scores | %a = MatMul(%qfh, %keys); %a4 = Reshape(%a, %whole); %c = Add(%a4, %m); %x = Reshape(%c, %all)
        2.0 | attention-flat-scores | %a = MatMul(%qh, %keys); %d = Div(%a, %f); %a4 = Reshape(%d, %whole); %c = Add(%e, %a4); %x = Reshape(%c, %all)
        0.5 | attention-flat-heads  | %a = MatMul(%qh, %keys); %d = Mul(%a, %f); %mx = Expand(%m, %whole); %mf = Reshape(%mx, %all); %x = Add(%d, %mf)
        """)
    void headsThatAreJoinedWithTheBatchAreHeads(float scale, String rule, String scores) {
        Graph result = Rewrites.fires(SET, rule, heads(scores));
        assertThat(result.toString())
                .contains("%y: f32[b,s,6] = Attention<kv_num_heads=2, q_num_heads=2, scale=" + scale + "f>(%q, %k, %v")
                .doesNotContain("Softmax", "MatMul");
    }

    @Test
    void joinedHeadsComeApart() {
        Rewrites.becomes(SET, "attention-flat-heads", heads("%x = MatMul(%qfh, %keys)"), HEADS + """
              %y = Attention<q_num_heads=2, kv_num_heads=2, scale=0.5f>(%q, %k, %v)
              return %y
            }
            """);
        Rewrites.becomes(
                SET,
                "attention-flat-scores",
                heads("%a = MatMul(%qfh, %keys); %a4 = Reshape(%a, %whole); %c = Add(%a4, %m); %x = Reshape(%c, %all)"),
                HEADS + """
              %y = Attention<q_num_heads=2, kv_num_heads=2, scale=0.5f>(%q, %k, %v, %m)
              return %y
            }
            """);
    }

    @Test
    void aMaskForEachMatrixKeepsHeadsJoined() {
        Rewrites.refuses(ATTENTION, "attention-flat-heads", """
            graph g(%q: f32[b,2,s,3], %k: f32[b,2,t,3], %v: f32[b,2,t,3], %m: f32[2*b,1,s,t]) {
              %i = const i64[4] {-1, 1, 0, 3}
              %qf = Reshape(%q, %i)
              %kf = Reshape(%k, %i)
              %vf = Reshape(%v, %i)
              %y = Attention<scale=0.5f>(%qf, %kf, %vf, %m)
              return %y
            }
            """, "differs for each head");
    }

    @Test
    void scoresOfOtherHeadsAreRefused() {
        Rewrites.refuses(
                ATTENTION,
                "attention-flat-scores",
                heads("%a = MatMul(%qh, %keys); %turned = Concat<axis=0>(%two, %bu, %su, %tu);"
                        + " %a4 = Reshape(%a, %turned); %n = Unsqueeze(%f, %i0); %c = Add(%a4, %n);"
                        + " %x = Reshape(%c, %all)"),
                "the scores go to");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the mask has shape [*]         | f32[*]
        the mask has shape [1,1,1,1,1] | f32[1,1,1,1,1]
        """)
    void masksOfOtherRanksStay(String reason, String type) {
        String text =
                heads("%a = MatMul(%qh, %keys); %a4 = Reshape(%a, %whole); %c = Add(%a4, %u); %x = Reshape(%c, %all)");
        Rewrites.refuses(
                ATTENTION.where(r -> r.name().equals("attention-flat-scores")),
                "attention-flat-scores",
                text.replace("%e: f32[b,1,1,t])", "%e: f32[b,1,1,t], %u: " + type + ")"),
                reason);
    }

    @Test
    void aNumberThatAddsADimensionIsNoScale() {
        Rewrites.refuses(ATTENTION, "attention-scaled-queries", """
            graph g(%q: f32[2,s,3], %k: f32[1,2,s,3], %v: f32[1,2,s,3]) {
              %f = const f32[1,1,1,1] {2}
              %i = const i64[4] {0, 0, -1, 3}
              %g = Mul(%q, %f)
              %h = Reshape(%g, %i)
              %y = Attention<scale=0.5f>(%h, %k, %v)
              return %y
            }
            """, "more dimensions");
    }
}
