package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs that differ in one thing from attention whose heads are split, repeated, or joined with the batch. */
class AttentionHeadsGuardsTest {
    private static final RuleSet SET =
            AttentionRules.SET.plus(AttentionMaskRules.SET).plus(FlatAttentionRules.SET);

    private static void refuses(String rule, String text, String reason) {
        Rewrites.refuses(SET.where(r -> r.name().equals(rule)), rule, text, reason);
    }

    /** Attention whose queries have a shape of their own. */
    private static String packed(String queries, String target, String joined) {
        return """
            graph g(%q: f32[QUERIES], %k: f32[b,t,6], %v: f32[b,t,6], %to: i64[k]) {
              %split = const i64[4] {0, 0, 2, 3}
              %own = TARGET
              %joined = const JOINED
              %q4 = Reshape(%q, %own)
              %k4 = Reshape(%k, %split)
              %v4 = Reshape(%v, %split)
              %qt = Transpose<perm=[0, 2, 1, 3]>(%q4)
              %kt = Transpose<perm=[0, 2, 1, 3]>(%k4)
              %vt = Transpose<perm=[0, 2, 1, 3]>(%v4)
              %o = Attention<scale=0.5f>(%qt, %kt, %vt)
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%t, %joined)
              return %y
            }
            """.replace("QUERIES", queries).replace("TARGET", target).replace("JOINED", joined);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        goes from               | *       | const i64[4] {0, 0, 2, 3}  | i64[3] {0, 0, 6}
        goes from               | b,s,6,1 | const i64[4] {0, 0, 2, 3}  | i64[3] {0, 0, 6}
        goes from               | b,s,6   | Identity(%to)              | i64[3] {0, 0, 6}
        goes from               | b,4,12  | const i64[4] {-1, 4, 2, 3} | i64[3] {0, 0, 6}
        goes from               | 4,s,12  | const i64[4] {4, -1, 2, 3} | i64[3] {0, 0, 6}
        goes from               | b,s,3*h | const i64[4] {0, 0, -1, 3} | i64[3] {0, 0, -1}
        the heads are joined to | b,s,6   | const i64[4] {0, 0, 2, 3}  | i64[4] {0, 0, 2, 3}
        the heads are joined to | b,4,6   | const i64[4] {0, 0, 2, 3}  | i64[3] {-1, 4, 3}
        the heads are joined to | 4,s,6   | const i64[4] {0, 0, 2, 3}  | i64[3] {4, -1, 3}
        """)
    void headsOfOtherShapesStay(String reason, String queries, String target, String joined) {
        String text = packed(queries, target, joined);
        // As many sequences of keys as of queries.
        String batch = queries.startsWith("4") ? "4" : queries.equals("b,4,12") ? "2*b" : "b";
        refuses("attention-heads", text.replace("f32[b,t,6]", "f32[" + batch + ",t,6]"), reason);
    }

    @Test
    void headsOfAnySizeAreSplit() {
        String text = packed("b,s,2*d", "const i64[4] {0, 0, 2, -1}", "i64[3] {0, 0, -1}")
                .replace("%k: f32[b,t,6], %v: f32[b,t,6]", "%k: f32[b,t,2*d], %v: f32[b,t,2*d]")
                .replace("%split = const i64[4] {0, 0, 2, 3}", "%split = const i64[4] {0, 0, 2, -1}");
        Rewrites.fires(AttentionRules.SET, "attention-heads", text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %qt = Transpose<perm=[0, 2, 1, 3]>(%q4) | %qt = Transpose<perm=[0, 1, 2, 3]>(%q4)
        %t = Transpose<perm=[0, 2, 1, 3]>(%o)   | %t = Transpose<perm=[0, 1, 2, 3]>(%o)
        """)
    void otherAxesAreNoHeads(String moved, String other) {
        String text = packed("b,2,6", "const i64[4] {0, 0, 2, 3}", "i64[3] {0, 0, 6}");
        Rewrites.stays(SET, "attention-heads", text.replace(moved, other));
        Rewrites.fires(AttentionRules.SET, "attention-heads", text);
    }

    /** Keys of another form, each repeated for two queries. */
    private static String grouped(String keys, String apart, String wide) {
        return """
            graph g(%q: f32[b,4,s,3], %k: f32[KEYS], %v: f32[b,2,t,3], %to: i64[k]) {
              %axis = const i64[1] {2}
              %times = const i64[5] {1, 1, 2, 1, 1}
              %all = const i64[4] {0, 4, -1, 3}
              %k5 = APART
              %v5 = Unsqueeze(%v, %axis)
              %kx = WIDE
              %vx = Expand(%v5, %times)
              %kr = Reshape(%kx, %all)
              %vr = Reshape(%vx, %all)
              %y = Attention<scale=0.5f>(%q, %kr, %vr)
              return %y
            }
            """.replace("KEYS", keys)
                .replace("APART", apart.replace("; ", "\n"))
                .replace("WIDE", wide.replace("; ", "\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        *           | Unsqueeze(%k, %axis) | Expand(%k5, %times)
        b,2,1,t,3,1 | Identity(%k)         | %n = const i64[6] {1, 1, 2, 1, 1, 1}; %kw = Expand(%k5, %n)
        b,2,t,3     | Unsqueeze(%k, %axis) | Expand(%k5, %to)
        b,2,t,3     | Unsqueeze(%k, %axis) | %n = const i64[6] {1, 1, 1, 2, 1, 1}; %kw = Expand(%k5, %n)
        1,2,t,3     | Unsqueeze(%k, %axis) | %n = const i64[5] {4, 1, 2, 1, 1}; %kw = Expand(%k5, %n)
        b,2,2,t,3   | Identity(%k)         | %n = const i64[5] {1, 1, 1, 1, 1}; %kw = Expand(%k5, %n)
        """)
    void keysThatAreRepeatedInAnotherWayStay(String keys, String apart, String wide) {
        String text = grouped(keys, apart, wide);
        if (wide.startsWith("%n")) {
            text = text.replace("%kx = %n", "%n").replace("%kw = ", "%kx = ");
        }
        // A single sequence of keys is broadcast to four.
        String four = keys.startsWith("1") ? text.replace("f32[b,", "f32[4,") : text;
        refuses("attention-grouped", four, "'k' goes from");
    }

    private static String repeated(String heads, String size) {
        return """
            graph g(%q: f32[b,2*HEADS,s,SIZE], %k: f32[b,HEADS,t,SIZE], %v: f32[b,HEADS,t,SIZE]) {
              %axis = const i64[1] {2}
              %times = const i64[5] {1, 1, 2, 1, 1}
              %qs = Shape<end=2>(%q)
              %ks = Shape<start=2>(%k)
              %all = Concat<axis=0>(%qs, %ks)
              %k5 = Unsqueeze(%k, %axis)
              %v5 = Unsqueeze(%v, %axis)
              %kx = Expand(%k5, %times)
              %vx = Expand(%v5, %times)
              %kr = Reshape(%kx, %all)
              %vr = Reshape(%vx, %all)
              %y = Attention<scale=0.5f>(%q, %kr, %vr)
              return %y
            }
            """.replace("HEADS", heads).replace("SIZE", size);
    }

    @Test
    void anyNumberOfHeadsIsRepeated() {
        Rewrites.fires(AttentionRules.SET, "attention-grouped", repeated("h", "3"));
        refuses("attention-grouped", repeated("2", "d"), "'k' goes from [b,2,1,t,d]");
    }

    /** Heads that are joined with the batch for an attention with a mask. */
    private static String flat(String heads, String mask, String nodes) {
        return """
            graph g(%q: f32[b,HEADS,s,3], %k: f32[b,HEADS,t,3], %v: f32[b,HEADS,t,3], %m: f32[MASK]) {
              %i = const i64[4] {-1, 1, 0, 3}
              %qf = Reshape(%q, %i)
              %kf = Reshape(%k, %i)
              %vf = Reshape(%v, %i)
              %b = Shape<end=1>(%qf)
              %one = const i64[1] {1}
              %qs = Shape<start=2, end=3>(%q)
              %ks = Shape<start=2, end=3>(%k)
              %flat = Concat<axis=0>(%b, %one, %qs, %ks)
              NODES
              %y = Attention<scale=0.5f>(%qf, %kf, %vf, %w)
              return %y
            }
            """.replace("HEADS", heads).replace("MASK", mask).replace("NODES", nodes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        2 | 1,1,s,t | %w = Abs(%m)
        2 | s,t     | %w = Abs(%m)
        2 | b,2,s,t | %w = Reshape(%m, %flat)
        """)
    void masksForAllHeadsOrEachAreTaken(String heads, String mask, String nodes) {
        Rewrites.fires(FlatAttentionRules.SET, "attention-flat-heads", flat(heads, mask, nodes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        1 | b,1,s,t   | %w = Neg(%m)
        2 | *         | %w = Reshape(%m, %flat)
        2 | b,2,s,t,1 | %w = Reshape(%m, %flat)
        2 | 2,b,s,t   | %w = Reshape(%m, %flat)
        """)
    void otherMasksStay(String heads, String mask, String nodes) {
        refuses("attention-flat-heads", flat(heads, mask, nodes), "differs for each head of each sequence");
    }

    @Test
    void flatHeadsOfOtherShapesStay() {
        String text = flat("2", "1,1,s,t", "%w = Abs(%m)");
        refuses("attention-flat-heads", text.replace("%q: f32[b,2,s,3]", "%q: f32[*]"), "'q' goes from [*]");
        refuses(
                "attention-flat-heads",
                text.replace("Attention<", "Attention<q_num_heads=1, kv_num_heads=1, "),
                "it has packed heads");
        String empty = flat("h", "1,1,s,t", "%w = Abs(%m)")
                .replace("f32[b,h,s,3]", "f32[1,h,0,3]")
                .replace("f32[b,h,t,3]", "f32[1,h,t,3]")
                .replace("f32[1,1,s,t]", "f32[1,1,1,t]")
                .replace("%i = const i64[4] {-1, 1, 0, 3}", """
                    %u = const i64[1] {1}
                    %hq = Shape<start=1, end=2>(%q)
                    %rq = Shape<start=2>(%q)
                    %i = Concat<axis=0>(%hq, %u, %rq)
                    %rk = Shape<start=2>(%k)
                    %j = Concat<axis=0>(%hq, %u, %rk)\
                    """)
                .replace("(%k, %i)", "(%k, %j)")
                .replace("(%v, %i)", "(%v, %j)");
        refuses("attention-flat-heads", empty, "batch and heads of [1,h,0,3] can't be joined");
    }

    /** Scores of matrices whose heads are apart for the sum with a mask. */
    private static String scores(String q, String k, int axis) {
        return """
            graph g(%q: f32[Q,s,3], %k: f32[K,t,3], %v: f32[Q,t,3], %m: f32[1,1,1,t]) {
              %i = const i64[1] {AXIS}
              %qf = Squeeze(%q, %i)
              %kf = Squeeze(%k, %i)
              %vf = Squeeze(%v, %i)
              %kt = Transpose<perm=[0, 2, 1]>(%kf)
              %a = MatMul(%qf, %kt)
              %apart = Unsqueeze(%a, %i)
              %c = Add(%apart, %m)
              %x = Squeeze(%c, %i)
              %p = Softmax(%x)
              %y = MatMul(%p, %vf)
              return %y
            }
            """.replace("Q", q).replace("K", k).replace("AXIS", Integer.toString(axis));
    }

    @Test
    void keysThatAreBroadcastToFlatQueriesStay() {
        Rewrites.fires(FlatAttentionRules.SET, "attention-flat-scores", scores("1,2", "1,2", 0));
        refuses("attention-flat-scores", scores("1,2", "1,1", 0), "'k' goes from [1,1,t,3]");
        refuses("attention-flat-scores", scores("2,1", "1,1", 1), "'k' goes from [1,1,t,3]");
    }

    /** A mask whose columns may be one or all, since only a call knows how many there are. */
    @Test
    void aHiddenColumnIsRepeated() {
        String text = """
            graph g(%q: f32[b,h,2,4], %k: f32[b,h,3,4], %v: f32[b,h,3,4], %n: i64[]) {
              %low = const f32[] {-10000}
              %zero = const i64[] {0}
              %one = const i64[] {1}
              %none = Sub(%n, %n)
              %end = Add(%none, %one)
              %j = Range(%zero, %end, %one)
              %i = const i64[2,1] {0, 1}
              %m = Greater(%j, %i)
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
              %p = Where(%m, %low, %a)
              %s = Softmax(%p)
              %y = MatMul(%s, %v)
              return %y
            }
            """;
        assertThat(Rewrites.fires(AttentionRules.SET, "attention-chosen", text).toString())
                .contains(" = Expand(");
    }

    /** A table that is cut to as many rows and columns as there are keys has a column for each of them. */
    @Test
    void aTriangleOfAllKeysIsTakenAsItIs() {
        String text = """
            graph g(%q: f32[b,2,s,4], %k: f32[b,2,s,4], %v: f32[b,2,s,4]) {
              %low = const f32[] {-10000}
              %table = const bool[4,4] {true, false, false, false, true, true, false, false, true, true, true, false, true, true, true, true}
              %i0 = const i64[1] {0}
              %i1 = const i64[1] {1}
              %n = Shape<start=2, end=3>(%q)
              %c = Slice(%table, %i0, %n, %i0)
              %m = Slice(%c, %i0, %n, %i1)
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
              %p = Where(%m, %a, %low)
              %s = Softmax(%p)
              %y = MatMul(%s, %v)
              return %y
            }
            """;
        assertThat(Rewrites.fires(AttentionRules.SET, "attention-chosen", text).toString())
                .contains(" = Attention<scale=1.0f>(%q, ")
                .doesNotContain("Expand");
    }
}
