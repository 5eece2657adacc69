package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs that differ from attention in one thing, and unusual ones that are attention. */
class AttentionGuardsTest {
    private static final RuleSet SET = AttentionRules.SET
            .plus(AttentionMaskRules.SET)
            .plus(FlatAttentionRules.SET)
            .plus(QkvRules.SET)
            .plus(QkvRotaryRules.SET);

    private static void refuses(String rule, String text, String reason) {
        Rewrites.refuses(SET.where(r -> r.name().equals(rule)), rule, text, reason);
    }

    private static String lines(String nodes) {
        return nodes.replace("; ", "\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %q: f32[s,4], %k: f32[t,4], %v: f32[t,4]                     | [1, 0]
        %q: f32[a,b,2,s,4], %k: f32[a,b,2,t,4], %v: f32[a,b,2,t,4]   | [0, 1, 2, 4, 3]
        %q: f32[b,2,s,4], %k: f32[2,t,4], %v: f32[b,2,t,4]           | [0, 2, 1]
        %q: f32[b,2,s,4], %k: f32[b,2,t,4], %v: f32[2,t,4]           | [0, 1, 3, 2]
        """)
    void operandsOfOtherRanksStay(String inputs, String perm) {
        String text = "graph g(" + inputs + ") {\n%kt = Transpose<perm=PERM>(%k)\n%a = MatMul(%q, %kt)\n"
                + "%s = Softmax(%a)\n%y = MatMul(%s, %v)\nreturn %y\n}";
        refuses("attention", text.replace("PERM", perm), "not all of rank 3");
    }

    private static String joined(String keys) {
        return "graph g(%q: f32[b,2,s,4], %k: f32[b,2,t,4], %n: f32[b,t,2,4], %r: f32[b,2,4,t], %v: f32[b,2,2*t,4]) {\n"
                + "%kt = Transpose<perm=[0, 1, 3, 2]>(%k)\n%nt = Transpose<perm=[0, 2, 3, 1]>(%n)\n" + lines(keys)
                + "\n%p = MatMul(%q, %all)\n%s = Softmax(%p)\n%y = MatMul(%s, %v)\nreturn %y\n}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"%all = Concat<axis=3>(%kt, %nt)", "%all = Concat<axis=-1>(%nt, %kt)"})
    void keysAreJoinedAfterTheyAreTransposed(String keys) {
        Rewrites.fires(AttentionRules.SET, "attention", joined(keys));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%all = Concat<axis=3>(%kt, %r)",
                "%all = Concat<axis=3>(%nt, %nt)",
                "%two = const i64[1] {2}; %i = const i64[1] {0}; %three = const i64[1] {3}; %a = Slice(%k, %i, %two, %three);"
                        + " %h = Transpose<perm=[0, 1, 3, 2]>(%a); %all = Concat<axis=2>(%h, %h)"
            })
    void otherKeysThatAreJoinedStay(String keys) {
        Rewrites.stays(AttentionRules.SET, "attention", joined(keys));
    }

    private static String chosen(String mask) {
        return """
            graph g(%q: f32[b,h,2,4], %k: f32[b,h,3,4], %v: f32[b,h,3,4], %c: bool[2,3], %at: i64[1]) {
              %low = const f32[] {-10000}
              %t = const bool[2,6] {true, false, true, false, false, true, true, true, false, true, true, true}
              %i0 = const i64[1] {0}
              %i1 = const i64[1] {1}
              %i2 = const i64[1] {2}
              %i3 = const i64[1] {3}
              %far = const i64[1] {6}
              %last = const i64[1] {-1}
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
            """ + lines(mask) + """

              %s = Softmax(%p)
              %y = MatMul(%s, %v)
              return %y
            }
            """;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%m = Slice(%t, %i0, %i3, %i1); %p = Where(%m, %a, %low)",
                "%m = Slice(%t, %i0, %i3, %last, %i1); %p = Where(%m, %a, %low)",
                "%z = const i64[2] {0, 0}; %e = const i64[2] {2, 3}; %x = const i64[2] {0, 1}; %m = Slice(%t, %z, %e, %x);"
                        + " %p = Where(%m, %a, %low)",
                "%h = const bool[2,3] {false, true, true, false, false, true}; %p = Where(%h, %low, %a)",
                "%u = const i64[2,3] {1, 0, 1, 2, 1, 0}; %m = Cast<to=9>(%u); %p = Where(%m, %a, %low)",
                "%u = const bool[4,3] {true, false, true, true, false, true, true, true, false, true, true, true};"
                        + " %m = Slice(%u, %i1, %i3, %i0); %p = Where(%m, %a, %low)"
            })
    void eachQuerySeesTheFirstKey(String mask) {
        Rewrites.fires(AttentionRules.SET, "attention-chosen", chosen(mask));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        not a slice of a constant | %m = Slice(%t, %i0, %far, %i1, %i2); %p = Where(%m, %a, %low)
        not a slice of a constant | %m = Slice(%t, %i1, %e4, %i1); %p = Where(%m, %a, %low)
        not a slice of a constant | %m = Slice(%t, %i1, %e4, %last); %p = Where(%m, %a, %low)
        not a slice of a constant | %j = const i64[3] {0, 1, 2}; %i = const i64[2,1] {0, 1}; %m = Less(%j, %i); %p = Where(%m, %a, %low)
        not a slice of a constant | %s2 = const bool[2,2] {true, false, true, true}; %p2 = const i64[2] {0, 1}; %m = Pad(%s2, %p2, _, %i1); %p = Where(%m, %a, %low)
        not a slice of a constant | %z = Concat<axis=0>(%i0); %m = Slice(%t, %z, %i3, %i1); %p = Where(%m, %a, %low)
        not a slice of a constant | %z = Concat<axis=0>(%i1); %m = Slice(%t, %i0, %i3, %z); %p = Where(%m, %a, %low)
        not a slice of a constant | %z = Concat<axis=0>(%i1); %m = Slice(%t, %i0, %i3, %i1, %z); %p = Where(%m, %a, %low)
        not a slice of a constant | %u = const bool[3,3] {true, false, true, true, false, true, true, true, true}; %m = Slice(%u, %i0, %i2); %p = Where(%m, %a, %low)
        not a slice of a constant | %u = const f32[2,3] {1, 0, 1, 1, 1, 0}; %m = Cast<to=9>(%u); %p = Where(%m, %a, %low)
        not a slice of a constant | %u = const i64[2,3] {256, 0, 256, 256, 256, 0}; %n = Cast<to=3>(%u); %m = Cast<to=9>(%n); %p = Where(%m, %a, %low)
        not a slice of a constant | %m1 = Slice(%w, %i0, %i3, %i1); %m2 = Slice(%m1, %i0, %i3, %i1); %m3 = Slice(%m2, %i0, %i3, %i1); %m4 = Slice(%m3, %i0, %i3, %i1); %m = Slice(%m4, %i0, %i3, %i1); %p = Where(%m, %a, %low)
        not a slice of a constant | %m = Not(%c); %p = Where(%m, %a, %low)
        not a slice of a constant | %p = Where(%c, %a, %low)
        does not see the first    | %u = const i64[2,3] {1, 0, 1, 0, 1, 0}; %m = Cast<to=9>(%u); %p = Where(%m, %a, %low)
        may hide all keys         | %h = const bool[2,3] {true, false, false, true, true, false}; %p = Where(%h, %low, %a)
        may hide all keys         | %h = const bool[2,3] {false, true, false, false, true, true}; %p = Where(%h, %low, %a)
        """)
    void masksThatMayHideAllKeysStay(String reason, String mask) {
        String before = "%e4 = const i64[1] {4}; %w = const bool[2,3] {true, false, true, true, true, false}; ";
        refuses("attention-chosen", chosen(before + mask), reason);
    }

    @Test
    void lowNumbersAreAllTheSame() {
        String text = chosen("%p = Where(%t3, %a, %lows)")
                .replace(
                        "%low = const f32[] {-10000}",
                        "%lows = const f32[3] {-10000, 0, -10000}\n"
                                + "%t3 = const bool[2,3] {true, false, true, true, true, false}");
        Rewrites.stays(AttentionRules.SET, "attention-chosen", text);
    }

    private static String plain(String mask, String sum) {
        return "graph g(%q: f32[b,h,s,4], %k: f32[b,h,t,4], %v: f32[b,h,t,4], %m: f32[" + mask + "]) {\n"
                + "%kt = Transpose<perm=[0, 1, 3, 2]>(%k)\n%a = MatMul(%q, %kt)\n" + lines(sum)
                + "\n%s = Softmax(%p)\n%y = MatMul(%s, %v)\nreturn %y\n}";
    }

    @Test
    void aMaskHasADimensionForKeys() {
        refuses("attention", plain("", "%p = Add(%a, %m)"), "the mask has shape []");
        Rewrites.fires(AttentionRules.SET, "attention", plain("t", "%p = Add(%a, %m)"));
    }

    @Test
    void probabilitiesOfAnotherAxisStay() {
        String text = plain("t", "%p = Add(%a, %m)");
        Rewrites.stays(AttentionRules.SET, "attention", text.replace("Softmax(%p)", "Softmax<axis=2>(%p)"));
        Rewrites.fires(AttentionRules.SET, "attention", text.replace("Softmax(%p)", "Softmax<axis=3>(%p)"));
    }

    @Test
    void aMaskGivesTheScoresOfASingleKeyMoreColumns() {
        String text = plain("t", "%p = Add(%a, %m)").replace("%k: f32[b,h,t,4]", "%k: f32[b,h,1,4]");
        refuses("attention", text, "dimension t of the mask may differ from 1");
    }

    @Test
    void aTriangleOfAnotherSizeThanTheScoresStays() {
        String text = plain("", "%c = const f32[2,2] {0, -Infinity, 0, 0}; %p = Add(%a, %c)");
        refuses("attention", text, "dimension 2 of the mask may differ");
    }

    private static String scaled(String nodes) {
        return "graph g(%q: f32[b,2,s,4], %k: f32[b,2,t,4], %v: f32[b,2,t,4], %pk: f32[b,2,p,4], %pv: f32[b,2,p,4]) {\n"
                + "%f = const f32[] {0.5}\n%e = const f32[] {1e30}\n" + lines(nodes) + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the scores are used otherwise | %g = Mul(%q, %f); %y = Attention(%g, %k, %v)
        the scores are used otherwise | %g = Mul(%q, %f); %y = Attention<scale=0.5f, softcap=1.0f>(%g, %k, %v)
        the scores are used otherwise | %g = Mul(%q, %f); %y, _, _, %w = Attention<scale=0.5f>(%g, %k, %v)
        the scale is Infinity         | %g = Mul(%q, %e); %y = Attention<scale=1e30f>(%g, %k, %v)
        """)
    void otherScalesStay(String reason, String nodes) {
        refuses("attention-scaled-queries", scaled(nodes), reason);
    }

    private static String packed(String attention) {
        return """
            graph g(%q: f32[b,s,6], %k: f32[b,t,6], %v: f32[b,t,6], %pk: f32[b,2,p,3], %pv: f32[b,2,p,3], %n: i64[b]) {
              %split = const i64[4] {0, 0, 2, 3}
              %joined = const i64[3] {0, 0, 6}
              %q4 = Reshape(%q, %split)
              %k4 = Reshape(%k, %split)
              %v4 = Reshape(%v, %split)
              %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
              %kt = Transpose<perm=[0, 2, 1, 3]>(%k4)
              %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
              ATTENTION
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%t, %joined)
              return %y
            }
            """.replace("ATTENTION", attention);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%o, %pk2, %pv2 = Attention<scale=0.5f>(%qt, %kt, %vt)",
                "%o = Attention<scale=0.5f>(%qt, %kt, %vt, _, %pk, %pv)",
                "%o = Attention<scale=0.5f, q_num_heads=2, kv_num_heads=2>(%qt, %kt, %vt)"
            })
    void headsOfAttentionWithAPastStayApart(String attention) {
        refuses("attention-heads", packed(attention), "past keys or more outputs");
    }

    private static String grouped(String attention) {
        return """
            graph g(%q: f32[b,4,s,3], %k: f32[b,2,t,3], %v: f32[b,2,t,3], %pk: f32[b,4,p,3], %pv: f32[b,4,p,3]) {
              %axis = const i64[1] {2}
              %times = const i64[5] {1, 1, 2, 1, 1}
              %all = const i64[4] {0, 4, -1, 3}
              %k5 = Unsqueeze(%k, %axis)
              %v5 = Unsqueeze(%v, %axis)
              %kx = Expand(%k5, %times)
              %vx = Expand(%v5, %times)
              %kr = Reshape(%kx, %all)
              %vr = Reshape(%vx, %all)
              ATTENTION
              return %y
            }
            """.replace("ATTENTION", attention);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%y, %pk2, %pv2 = Attention<scale=0.5f>(%q, %kr, %vr)",
                "%y = Attention<scale=0.5f>(%q, %kr, %vr, _, %pk, %pv)"
            })
    void groupsOfAttentionWithAPastStayApart(String attention) {
        refuses("attention-grouped", grouped(attention), "past keys or more outputs");
    }

    private static String causal(String inputs, String mask, String attention) {
        return "graph g(" + inputs + ") {\n%m = const " + mask + "\n" + attention + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        hides other keys already      | 0, LOW, 0, 0 | %y = Attention<is_causal=1>(%q, %k, %v, %m)
        hides other keys already      | 0, LOW, 0, 0 | %y = Attention<right_window_size=0>(%q, %k, %v, %m)
        hides other keys already      | 0, LOW, 0, 0 | %y = Attention<left_window_size=0>(%q, %k, %v, %m)
        hides other keys already      | 0, LOW, 0, 0 | %y = Attention(%q, %k, %v, %m, _, _, %n)
        the scores are asked for      | 0, LOW, 0, 0 | %y = Attention<qk_matmul_output_mode=1>(%q, %k, %v, %m)
        the scores are asked for      | 0, LOW, 0, 0 | %y, _, _, %w = Attention(%q, %k, %v, %m)
        and -9.9E8 after it           | 0, -9.9e8, 0, 0 | %y = Attention(%q, %k, %v, %m)
        the mask is 1.0 up to         | 1, LOW, 1, 1 | %y = Attention(%q, %k, %v, %m)
        the mask has 2 rows           | 0, LOW, 0, 0 | %y = Attention(%r, %k, %v, %m)
        the ranks are not known       | 0, LOW, 0, 0 | %y = Attention(%q, %k, %v, %m, %pk, %pk)
        the ranks are not known       | 0, LOW, 0, 0 | %y = Attention(%any, %k, %v, %m)
        the ranks are not known       | 0, LOW, 0, 0 | %y = Attention(%q, %any, %v, %m)
        """)
    void otherTrianglesStay(String reason, String numbers, String attention) {
        String inputs = "%q: f32[b,2,2,4], %k: f32[b,2,2,4], %v: f32[b,2,2,4], %n: i64[b], %r: f32[b,2,s,4],"
                + " %pk: f32[*], %any: f32[*]";
        String mask = "f32[2,2] {" + numbers.replace("LOW", "-Infinity") + "}";
        refuses("attention-causal", causal(inputs, mask, attention), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        f32[2,2] {0, -1e9, 0, 0}            | %y = Attention<q_num_heads=2, kv_num_heads=2>(%q, %k, %v, %m)
        bool[2,2] {true, false, true, true} | %y, %a, %b = Attention<q_num_heads=2, kv_num_heads=2>(%q, %k, %v, %m)
        """)
    void packedHeadsMayHaveACausalMask(String mask, String attention) {
        String inputs = "%q: f32[b,2,8], %k: f32[b,2,8], %v: f32[b,2,8]";
        String text = causal(inputs, mask, attention);
        Rewrites.fires(AttentionMaskRules.SET, "attention-causal", text);
    }

    private static String flat(String attention) {
        return """
            graph g(%q: f32[b,2,s,3], %k: f32[b,2,t,3], %v: f32[b,2,t,3], %pk: f32[2*b,1,p,3], %n: i64[2*b]) {
              %i = const i64[4] {-1, 1, 0, 3}
              %qf = Reshape(%q, %i)
              %kf = Reshape(%k, %i)
              %vf = Reshape(%v, %i)
              ATTENTION
              return %y
            }
            """.replace("ATTENTION", attention);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%y, %pk2, %pv2 = Attention<scale=0.5f>(%qf, %kf, %vf)",
                "%y = Attention<scale=0.5f>(%qf, %kf, %vf, _, %pk, %pk)",
                "%y = Attention<scale=0.5f>(%qf, %kf, %vf, _, _, _, %n)"
            })
    void flatHeadsOfAttentionWithAPastStay(String attention) {
        refuses("attention-flat-heads", flat(attention), "packed heads, past keys, valid lengths or more outputs");
    }

    private static final String PRODUCTS = "%q = MatMul(%x, %wq); %k = MatMul(%x, %wk); %v = MatMul(%x, %wv); ";

    private static String products(String nodes) {
        return "graph g(%x: f32[b,n,3], %at: i64[1]) {\n" + """
              %wq = const f32[3,4] {1, -0.5, 0.25, 2, -1, 0.125, 3, 2, 1, 5, 7, 9}
              %wk = const f32[3,2] {0.5, 1, -2, 1, 2, 3}
              %wv = const f32[3,2] {-3, 0.75, 1, 3, 2, 1}
              %w1 = const f32[3,1] {-3, 0.75, 1}
              %b2 = const f32[2] {0.5, -1}
            """
                + lines(nodes).replace("A(", "Attention<q_num_heads=2, kv_num_heads=1>(") + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the scores are asked for | PRODUCTS%y = Attention<q_num_heads=2, kv_num_heads=1, qk_matmul_output_mode=1>(%q, %k, %v)
        the scores are asked for | PRODUCTS%y, _, _, %s = A(%q, %k, %v)
        not one number for each  | %q = MatMul(%x, %wq); %k = MatMul(%x, %wk); %o = MatMul(%x, %w1); %v = Add(%o, %b2); %y = A(%q, %k, %v)
        """)
    void otherProductsStay(String reason, String nodes) {
        refuses("qkv-products", products(nodes.replace("PRODUCTS", PRODUCTS)), reason);
    }

    private static String columns(String nodes) {
        return "graph g(%x: f32[b,n,8], %at: i64[1]) {\n" + """
              %a = const i64[1] {2}
              %i0 = const i64[1] {0}
              %i1 = const i64[1] {1}
              %i4 = const i64[1] {4}
              %i6 = const i64[1] {6}
              %i8 = const i64[1] {8}
              %last = const i64[1] {-1}
            """ + lines(nodes)
                + "\n%y = Attention<q_num_heads=2, kv_num_heads=1>(%q, %k, %v)\nreturn %y\n}";
    }

    private static final String REST = "; %k = Slice(%x, %i4, %i6, %a); %v = Slice(%x, %i6, %i8, %a)";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%q = Slice(%x, %i0, %i4, %last, %i1); %k = Slice(%x, %i4, %i6, %a); %v = Slice(%x, %i6, %i8, %a)",
                "%z = const i64[3] {4, 2, 2}; %q, %k, %v = Split<axis=-1>(%x, %z)"
            })
    void columnsAreCutFromTheEnd(String nodes) {
        Rewrites.fires(QkvRules.SET, "qkv-columns", columns(nodes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%z = Concat<axis=0>(%i0); %q = Slice(%x, %z, %i4, %a)",
                "%z = Concat<axis=0>(%a); %q = Slice(%x, %i0, %i4, %z)",
                "%z = Concat<axis=0>(%i1); %q = Slice(%x, %i0, %i4, %a, %z)",
                "%q = Slice(%x, %i0, %i8, %a, %a)",
                "%z = const i64[2] {0, 0}; %e = const i64[2] {4, 1}; %o = const i64[2] {2, 1}; %q = Slice(%x, %z, %e, %o)",
                "%z = const i64[3] {0, 0, 0}; %e = const i64[3] {9, 9, 4}; %q = Slice(%x, %z, %e)"
            })
    void otherColumnsStay(String query) {
        refuses("qkv-columns", columns(query + REST), "%q is not the columns from 0 on");
    }

    @Test
    void rowsAreNoColumns() {
        String text = columns("%z = const i64[3] {1, 1, 1}; %q, %k, %v = Split<axis=1>(%x, %z)");
        refuses("qkv-columns", text.replace("kv_num_heads=1", "kv_num_heads=2"), "%q is not the columns from 0 on");
    }

    @Test
    void headsThatAreNotPackedStay() {
        String text = products(PRODUCTS + "%y = Attention(%q, %k, %v)").replace("[b,n,3]", "[b,h,n,3]");
        String narrow = text.replace(
                "const f32[3,4] {1, -0.5, 0.25, 2, -1, 0.125, 3, 2, 1, 5, 7, 9}", "const f32[3,2] {1, 2, 3, 4, 5, 6}");
        refuses("qkv-products", narrow, "the operand is not of rank 3");
    }

    private static String pieces(String attention) {
        return """
            graph g(%x: f32[b,n,12]) {
              %five = const i64[5] {0, 0, 3, 2, 2}
              %joined = const i64[3] {0, 0, 4}
              %i = const i64[] {0}
              %j = const i64[] {1}
              %l = const i64[] {2}
              %r = Reshape(%x, %five)
              %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r)
              %q = Gather(%p, %i)
              %k = Gather<axis=-5>(%p, %j)
              %v = Gather(%p, %l)
              ATTENTION
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%t, %joined)
              return %y
            }
            """.replace("ATTENTION", attention);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%o, %pk2, %pv2 = Attention<scale=0.5f>(%q, %k, %v)",
                "%o = Attention<scale=0.5f, qk_matmul_output_mode=1>(%q, %k, %v)",
                "%o = Attention<scale=0.5f, q_num_heads=2, kv_num_heads=2>(%q, %k, %v)"
            })
    void piecesOfAttentionWithMoreOutputsStay(String attention) {
        assertThat(pieces(attention)).contains("Gather<axis=-5>");
        refuses("qkv-pieces", pieces(attention), "more outputs, or packed heads");
    }
}
