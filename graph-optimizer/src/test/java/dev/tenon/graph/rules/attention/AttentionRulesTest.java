package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import dev.tenon.graph.rules.algebra.ShapeRules;
import dev.tenon.graph.rules.layout.TransposeRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionRulesTest {
    private static final RuleSet ATTENTION = AttentionRules.SET.plus(FlatAttentionRules.SET);
    private static final RuleSet SET =
            AlgebraRules.SET.plus(TransposeRules.SET).plus(ShapeRules.SET).plus(ATTENTION);

    private static final String HEADS = """
          %split = const i64[4] {0, 0, 2, 3}
          %joined = const i64[3] {0, 0, 6}
          %q4 = Reshape(%q, %split)
          %k4 = Reshape(%k, %split)
          %v4 = Reshape(%v, %split)
          %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
          %root = const f32[] {1.7320508}
          %factor = const f32[] {0.75983569}
        """;

    private static String graph(String nodes) {
        return "graph g(%q: f32[batch,seq,6], %k: f32[batch,keys,6], %v: f32[batch,keys,6],"
                + " %mask: f32[batch,1,1,keys]) {\n" + HEADS
                + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + """

                  %s = Softmax(%p)
                  %o = MatMul(%s, %vt)
                  %t = Transpose<perm=[0, 2, 1, 3]>(%o)
                  %y = Reshape(%t, %joined)
                  return %y
                }
                """;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0.57735026 | %qt = Transpose<perm=[0, 2, 1, 3]>(%q4) %kt = Transpose<perm=[0, 2, 3, 1]>(%k4) %a = MatMul(%qt, %kt) %d = Div(%a, %root) %p = Add(%d, %mask)
        1.7320508  | %qt = Transpose<perm=[0, 2, 1, 3]>(%q4) %kh = Transpose<perm=[0, 2, 1, 3]>(%k4) %kt = Transpose<perm=[0, 1, 3, 2]>(%kh) %a = MatMul(%qt, %kt) %d = Mul(%root, %a) %p = Add(%mask, %d)
        1.0        | %qt = Transpose<perm=[0, 2, 1, 3]>(%q4) %kt = Transpose<perm=[0, 2, 3, 1]>(%k4) %a = MatMul(%qt, %kt) %p = Add(%a, %mask)
        0.57735026 | %qt = Transpose<perm=[0, 2, 1, 3]>(%q4) %qs = Mul(%qt, %factor) %kt = Transpose<perm=[0, 2, 3, 1]>(%k4) %ks = Mul(%kt, %factor) %a = MatMul(%qs, %ks) %p = Add(%a, %mask)
        0.57735026 | %qt = Transpose<perm=[0, 2, 1, 3]>(%q4) %qs = Div(%qt, %root) %kt = Transpose<perm=[0, 2, 3, 1]>(%k4) %a = MatMul(%qs, %kt) %p = Add(%a, %mask)
        """)
    void attentionIsFoundWithItsHeads(float scale, String nodes) {
        Graph result = Rewrites.fires(SET, "attention", graph(nodes));
        assertThat(result.nodes())
                .as(result.toString())
                .hasSizeLessThanOrEqualTo(3)
                .last()
                .satisfies(n -> {
                    assertThat(n.op().schema().name()).isEqualTo("Attention");
                    assertThat(n.op().attributes().get("q_num_heads")).contains(2L);
                    assertThat(n.op().attributes().get("kv_num_heads")).contains(2L);
                    assertThat(n.op().attributes().get("scale")).contains(scale);
                });
    }

    @Test
    void attentionWithoutMaskBecomesOneNode() {
        Rewrites.becomes(SET, "attention-heads", graph("""
            %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
            %kt = Transpose<perm=[0, 2, 3, 1]>(%k4)
            %a = MatMul(%qt, %kt)
            %p = Div(%a, %root)\
            """), """
            graph g(%q: f32[batch,seq,6], %k: f32[batch,keys,6], %v: f32[batch,keys,6], %mask: f32[batch,1,1,keys]) {
              %y = Attention<q_num_heads=2, kv_num_heads=2, scale=0.57735026f>(%q, %k, %v)
              return %y
            }
            """);
    }

    private static String scaled(String nodes) {
        return "graph g(%q: f32[b,2,s,4], %k: f32[b,2,t,4], %v: f32[b,2,t,4], %pk: f32[b,2,p,4], %pv: f32[b,2,p,4]) {\n"
                + "%f = const f32[] {0.5}\n%tiny = const f32[] {1e-30}\n" + nodes.replace("; ", "\n")
                + "\nreturn %y\n}";
    }

    @Test
    void aFactorOfKeysIsNoneOfPastKeys() {
        Rewrites.refuses(
                ATTENTION,
                "attention-scaled-keys",
                scaled("%ks = Mul(%k, %f); %y = Attention<scale=0.5f>(%q, %ks, %v, _, %pk, %pv)"),
                "past keys are not scaled");
        Rewrites.fires(
                ATTENTION,
                "attention-scaled-keys",
                scaled("%ks = Mul(%k, %f); %y = Attention<scale=0.5f>(%q, %ks, %v)"));
        Rewrites.fires(
                ATTENTION,
                "attention-scaled-queries",
                scaled("%qs = Mul(%q, %f); %y = Attention<scale=0.5f>(%qs, %k, %v, _, %pk, %pv)"));
    }

    @Test
    void aScaleThatIsLostInAFloatIsRefused() {
        Rewrites.refuses(
                ATTENTION,
                "attention-scaled-queries",
                scaled("%qs = Mul(%q, %tiny); %y = Attention<scale=1e-30f>(%qs, %k, %v)"),
                "the scale is 0.0");
    }

    @Test
    void headsOfKeysOfWhichSomeAreValidStayApart() {
        Rewrites.refuses(ATTENTION, "attention-heads", """
            graph g(%q: f32[b,s,6], %k: f32[b,t,6], %v: f32[b,t,6], %n: i64[b]) {
              %split = const i64[4] {0, 0, 2, 3}
              %joined = const i64[3] {0, 0, 6}
              %q4 = Reshape(%q, %split)
              %k4 = Reshape(%k, %split)
              %v4 = Reshape(%v, %split)
              %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
              %kt = Transpose<perm=[0, 2, 1, 3]>(%k4)
              %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
              %o = Attention<scale=0.5f>(%qt, %kt, %vt, _, _, _, %n)
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%t, %joined)
              return %y
            }
            """, "numbers of valid keys");
    }

    private static String small(String inputs, String scores) {
        return "graph g(%q: f32[b,h,s,4], %k: f32[b,h,t,4], %v: f32[b,h,t,4]" + inputs + ") {\n"
                + "%kt = Transpose<perm=[0, 1, 3, 2]>(%k)\n%a = MatMul(%q, %kt)\n" + scores
                + "\n%s = Softmax(%p)\n%y = MatMul(%s, %v)\nreturn %y\n}";
    }

    @Test
    void productsSoftmaxAndProductsAreOneNode() {
        Rewrites.becomes(
                SET,
                "attention",
                small(", %m: f32[b,1,s,t]", "%f = const f32[] {-0.5}\n%d = Mul(%a, %f)\n%p = Add(%d, %m)"),
                """
                graph g(%q: f32[b,h,s,4], %k: f32[b,h,t,4], %v: f32[b,h,t,4], %m: f32[b,1,s,t]) {
                  %y = Attention<scale=-0.5f>(%q, %k, %v, %m)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        attention-scaled-queries | %s = Mul(%q, %f); %y = Attention<scale=0.5f>(%s, %k, %v) | %y = Attention<scale=0.25f>(%q, %k, %v)
        attention-scaled-keys    | %s = Div(%k, %f); %y = Attention<scale=0.5f>(%q, %s, %v) | %y = Attention<scale=1.0f>(%q, %k, %v)
        """)
    void factorsAreScales(String rule, String before, String after) {
        Rewrites.becomes(ATTENTION, rule, scaled(before), scaled(after).replaceAll("%(f|tiny) = .*\n", ""));
    }

    /** The scale is a float32 attribute, which is not precise enough for a graph in double precision. */
    @Test
    void aScaleThatAFloatDoesNotHoldIsRefused() {
        String text = small("", "%f = const f32[] {0.3}\n%p = Mul(%a, %f)").replace("f32", "f64");
        Rewrites.refuses(ATTENTION, "attention", text, "the scale 0.3 is no f32");
        Rewrites.fires(ATTENTION, "attention", text.replace("0.3", "0.25"));
        Rewrites.refuses(
                ATTENTION,
                "attention-scaled-queries",
                scaled("%s = Mul(%q, %f); %y = Attention<scale=0.5f>(%s, %k, %v)")
                        .replace("f32", "f64")
                        .replace("{0.5}", "{0.3}"),
                "the scale 0.15 is no f32");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        dimension m of the mask | , %m: f32[b,1,m,t] | %p = Add(%a, %m)
        dimension 1 of the mask | , %m: f32[b,h,s,1] | %p = Add(%a, %m)
        the scale is 0          | | %z = const f32[] {0} %p = Mul(%a, %z)
        """)
    void othersAreRefused(String reason, String inputs, String scores) {
        String text = scores.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ");
        Rewrites.refuses(ATTENTION, "attention", small(inputs == null ? "" : inputs, text), reason);
    }

    @Test
    void aMaskOfPerhapsOneColumnIsWidenedAsTheSumDoes() {
        Graph result = Rewrites.fires(TransposeRules.SET.plus(ATTENTION), "attention", """
            graph g(%q: f32[b,h,s,4], %k: f32[b,h,t,4], %v: f32[b,h,t,4], %n: f32[b,1,1,t], %z: i64[]) {
              %i0 = const i64[1] {0}
              %i3 = const i64[1] {3}
              %zz = Sub(%z, %z)
              %one = const i64[] {1}
              %u = Add(%zz, %one)
              %e = Unsqueeze(%u, %i0)
              %m = Slice(%n, %i0, %e, %i3)
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
              %p = Add(%a, %m)
              %s = Softmax(%p)
              %y = MatMul(%s, %v)
              return %y
            }
            """);
        assertThat(result.toString())
                .contains(" = Shape<end=3, start=2>(%k)", " = Expand(%m, ", " = Attention<scale=1.0f>(%q, %k, %v, %");
    }

    @Test
    void broadcastHeadsAreRefused() {
        Rewrites.refuses(ATTENTION, "attention", """
            graph g(%q: f32[b,h,s,4], %k: f32[b,1,t,4], %v: f32[b,1,t,4]) {
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
              %s = Softmax(%a)
              %y = MatMul(%s, %v)
              return %y
            }
            """, "are broadcast");
    }

    @Test
    void probabilitiesThatAreUsedStay() {
        Rewrites.refuses(ATTENTION, "attention", """
            graph g(%q: f32[b,h,s,4], %k: f32[b,h,t,4], %v: f32[b,h,t,4]) {
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
              %s = Softmax(%a)
              %y = MatMul(%s, %v)
              return %y, %s
            }
            """, "%s is used 2 times");
    }

    private static String chosen(String mask) {
        return """
            graph g(%q: f32[b,h,2,4], %k: f32[b,h,3,4], %v: f32[b,h,3,4], %c: bool[2,3]) {
              %low = const f32[] {-10000}
              %one = const i64[1] {1}
              %three = const i64[1] {3}
              %rows = const i64[1] {0}
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
            """ + mask + """

              %p = Where(%m, %a, %low)
              %s = Softmax(%p)
              %y = MatMul(%s, %v)
              return %y
            }
            """;
    }

    @Test
    void scoresThatAreChosenByACausalMaskAreAttention() {
        Rewrites.becomes(SET, "attention-chosen", chosen("""
            %t = const bool[3,3] {true, false, false, true, true, false, true, true, true}
            %m = Slice(%t, %one, %three, %rows)\
            """), """
            graph g(%q: f32[b,h,2,4], %k: f32[b,h,3,4], %v: f32[b,h,3,4], %c: bool[2,3]) {
              %t = const bool[3,3] {true, false, false, true, true, false, true, true, true}
              %one = const i64[1] {1}
              %three = const i64[1] {3}
              %rows = const i64[1] {0}
              %m = Slice(%t, %one, %three, %rows)
              %y = Attention<scale=1.0f>(%q, %k, %v, %m)
              return %y
            }
            """);
    }

    @Test
    void aMaskOfBytesIsOneOfTruths() {
        Rewrites.fires(ATTENTION, "attention-chosen", chosen("""
            %t = const u8[3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}
            %u = Slice(%t, %one, %three, %rows)
            %m = Cast<to=9>(%u)\
            """));
    }

    @Test
    void aMaskThatMayHideAllKeysIsRefused() {
        Rewrites.refuses(ATTENTION, "attention-chosen", chosen("%m = Not(%c)"), "not a slice of a constant");
        Rewrites.refuses(
                ATTENTION,
                "attention-chosen",
                chosen("%m = const bool[2,3] {true, false, false, false, true, true}"),
                "does not see the first key");
    }

    private static String grouped(String apart) {
        return """
            graph g(%q: f32[b,4,s,3], %k: f32[b,2,t,3], %v: f32[b,2,t,3]) {
              %axis = const i64[1] {2}
              %first = const i64[1] {1}
              %times = const i64[5] {1, 1, 2, 1, 1}
              %before = const i64[5] {1, 2, 1, 1, 1}
              %all = const i64[4] {0, 4, -1, 3}
              %k5 = Unsqueeze(%k, %axis)
              %v5 = Unsqueeze(%v, %axis)
            """ + apart + """

              %kr = Reshape(%kx, %all)
              %vr = Reshape(%vx, %all)
              %y = Attention<scale=0.5f>(%q, %kr, %vr)
              return %y
            }
            """;
    }

    @Test
    void repeatedHeadsAreGroups() {
        Rewrites.becomes(
                SET, "attention-grouped", grouped("%kx = Expand(%k5, %times)\n%vx = Expand(%v5, %times)"), """
                graph g(%q: f32[b,4,s,3], %k: f32[b,2,t,3], %v: f32[b,2,t,3]) {
                  %y = Attention<scale=0.5f>(%q, %k, %v)
                  return %y
                }
                """);
    }

    @Test
    void headsRepeatedAsAWholeAreRefused() {
        Rewrites.refuses(ATTENTION, "attention-grouped", grouped("""
            %kf = Unsqueeze(%k, %first)
            %kx = Expand(%kf, %before)
            %vx = Expand(%v5, %times)\
            """), "'k' goes from");
    }
}
