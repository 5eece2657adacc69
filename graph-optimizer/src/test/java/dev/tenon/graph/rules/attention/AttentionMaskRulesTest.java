package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.algebra.AlgebraRules;
import dev.tenon.graph.rules.layout.TransposeRules;
import dev.tenon.tensor.Dim;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionMaskRulesTest {
    private static final RuleSet ATTENTION = AttentionRules.SET.plus(FlatAttentionRules.SET);
    private static final RuleSet SET = TransposeRules.SET.plus(ATTENTION).plus(AttentionMaskRules.SET);

    private static final String HEAD = """
        graph g(%q: f32[b,2,s,4], %k: f32[b,2,t,4], %v: f32[b,2,t,4], %m: bool[b,1,s,t], %a: f32[b,1,1,t], %e: f32[2,s,t], %w: f32[b,1,u,t]) {
        """;

    private static String scores(String nodes) {
        return HEAD + """
              %low = const f32[] {-3.4028235E38}
              %small = const f32[] {-10000}
              %f = const f32[] {0.5}
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %p = MatMul(%q, %kt)
              %x = Mul(%p, %f)
            """ + lines(nodes) + """

              %s = Softmax(%y)
              %o = MatMul(%s, %v)
              return %o
            }
            """;
    }

    private static String lines(String nodes) {
        return nodes.replace("; ", "\n");
    }

    @Test
    void scoresThatAreChosenAndAddedToAreAttentionWithOneMask() {
        Rewrites.becomes(
                SET, "attention-chosen-added", scores("%c = Where(%m, %x, %low); %y = Add(%c, %a)"), HEAD + """
              %const = const f32[] {0}
              %const_1 = const f32[] {-3.4028235E38}
              %Where = Where(%m, %const, %const_1)
              %Add = Add(%Where, %a)
              %o = Attention<scale=0.5f>(%q, %k, %v, %Add)
              return %o
            }
            """);
    }

    @Test
    void scoresThatTwoMasksAreAddedToAreAttentionWithTheirSum() {
        Rewrites.becomes(SET, "attention-added-twice", scores("%d = Add(%x, %e); %y = Add(%a, %d)"), HEAD + """
              %Add = Add(%e, %a)
              %o = Attention<scale=0.5f>(%q, %k, %v, %Add)
              return %o
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %y = Where(%m, %x, %low)
        %y = Where(%m, %low, %x)
        %c = Where(%m, %low, %x); %y = Add(%a, %c)
        %d = Add(%x, %e); %y = Where(%m, %d, %low)
        %d = Add(%x, %e); %c = Where(%m, %low, %d); %y = Add(%c, %a)
        """)
    void anyMaskMayHideScores(String nodes) {
        Graph result = Rewrites.fires(SET, "attention-chosen-added", scores(nodes));
        assertThat(result.nodes().getLast().op().schema().name()).isEqualTo("Attention");
        assertThat(result.toString()).doesNotContain("Softmax", "MatMul");
    }

    /** A mask of which one column is taken, where only a call knows that it is one. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        attention-chosen-added | %n = Slice(%m, %i0, %e1, %i3); %c = Where(%n, %x, %low); %y = Add(%c, %a)
        attention-chosen-added | %n = Slice(%m, %i0, %e1, %i3); %c = Where(%n, %low, %x); %y = Add(%c, %a)
        attention-chosen-added | %n = Slice(%a, %i0, %e1, %i3); %c = Where(%m, %x, %low); %y = Add(%c, %n)
        attention-chosen-added | %n = Slice(%e, %i0, %e1, %i2); %d = Add(%x, %n); %y = Where(%m, %d, %low)
        attention-added-twice  | %n = Slice(%e, %i0, %e1, %i2); %d = Add(%x, %n); %y = Add(%d, %a)
        """)
    void aMaskOfPerhapsOneColumnIsWidened(String rule, String nodes) {
        String one = "%i0 = const i64[1] {0}; %i2 = const i64[1] {2}; %i3 = const i64[1] {3}; %one = const i64[1] {1};"
                + " %zz = Sub(%z, %z); %e1 = Add(%zz, %one); ";
        String text = scores(one + nodes).replace("%w: f32[b,1,u,t])", "%w: f32[b,1,u,t], %z: i64[1])");
        Graph result = Rewrites.fires(AttentionMaskRules.SET, rule, text);
        assertThat(result.toString()).contains(" = Expand(");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        attention-chosen       | the mask may hide all keys      | %y = Where(%m, %small, %x)
        attention-chosen       | the mask is not a slice         | %y = Where(%m, %x, %small)
        attention-chosen-added | dimension u of the mask         | %c = Where(%m, %x, %low); %y = Add(%c, %w)
        attention-added-twice  | dimension u of the mask         | %d = Add(%x, %e); %y = Add(%d, %w)
        attention-added-twice  | dimension u of the mask         | %d = Add(%x, %w); %y = Add(%e, %d)
        """)
    void otherMasksAreRefused(String rule, String reason, String nodes) {
        Rewrites.refuses(ATTENTION.plus(AttentionMaskRules.SET), rule, scores(nodes), reason);
    }

    private static String masked(String mask) {
        return """
            graph g(%q: f32[b,2,s,4], %k: f32[b,2,s,4], %v: f32[b,2,s,4], %pk: f32[b,2,p,4], %pv: f32[b,2,p,4]) {
              %i0 = const i64[1] {0}
              %n0 = const i64[] {0}
              %n1 = const i64[] {1}
              %n2 = const i64[] {2}
              %i1 = const i64[1] {1}
              %i2 = const i64[1] {2}
              %i3 = const i64[1] {3}
              %f0 = const f32[] {0}
              %f1 = const f32[] {1}
              %b1 = const bool[1] {true}
              %low = const f32[] {-3.4028235E38}
              %inf = const f32[] {-Infinity}
              %qs = Shape(%q)
              %ps = Shape(%pk)
              %s = Gather(%qs, %n2)
              %p = Gather(%ps, %n2)
              %t = Add(%s, %p)
              %su = Unsqueeze(%s, %i0)
              %pu = Unsqueeze(%p, %i0)
              %tu = Unsqueeze(%t, %i0)
              %st = Concat<axis=0>(%su, %tu)
              %rows = Range(%p, %t, %n1)
              %columns = Range(%n0, %t, %n1)
              %r = Unsqueeze(%rows, %i1)
              %after = Add(%p, %n1)
            """ + lines(mask) + """

              %y = Attention<scale=0.5f>(%q, %k, %v, %m, %pk, %pv)
              return %y
            }
            """;
    }

    private static final String SQUARE =
            "graph g(%q: f32[b,2,3,4], %k: f32[b,2,3,4], %v: f32[b,2,3,4], %n: f32[3,3]) {\n";

    private static String kept(String nodes) {
        return SQUARE + """
              %t = const f32[3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}
              %u = const f32[3,3] {0, 10000, 10000, 0, 0, 10000, 0, 0, 0}
              %f = const f32[] {0.5}
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %p = MatMul(%q, %kt)
              %x = Mul(%p, %f)
            """ + lines(nodes) + """

              %s = Softmax(%y)
              %o = MatMul(%s, %v)
              return %o
            }
            """;
    }

    @Test
    void scoresThatAreKeptUpToTheDiagonalAreCausalAttention() {
        Rewrites.becomes(SET, "attention-kept", kept("%w = Mul(%x, %t); %y = Sub(%w, %u)"), SQUARE + """
              %o = Attention<is_causal=1, scale=0.5f>(%q, %k, %v)
              return %o
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %one = const f32[] {1}; %low = const f32[] {-1e30}; %w = Mul(%t, %x); %r = Sub(%one, %t); %d = Mul(%low, %r); %y = Add(%d, %w)
        %b = const bool[1,1,3,3] {true, false, false, true, true, false, true, true, true}; %c = Cast<to=1>(%b); %w = Mul(%c, %x); %y = Sub(%w, %u)
        """)
    void otherSpellingsOfKeptScoresAreFound(String nodes) {
        Graph result = Rewrites.fires(SET, "attention-kept", kept(nodes));
        assertThat(result.toString()).contains(" = Attention<is_causal=1, scale=0.5f>(%q, %k, %v)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        is not known to be 1 up to a diagonal   | %w = Mul(%x, %n); %y = Sub(%w, %u)
        is not known to be 1 up to a diagonal   | %j = const i64[3] {0, 1, 2}; %i = const i64[3,1] {0, 1, 2}; %l = Less(%j, %i); %b = Cast<to=1>(%l); %one = const f32[] {1}; %big = const f32[] {10000}; %w = Mul(%x, %b); %r = Sub(%one, %b); %d = Mul(%r, %big); %y = Sub(%w, %d)
        is not known to be 1 up to a diagonal   | %w = Mul(%x, %u); %y = Sub(%w, %u)
        is not known to be 1 up to a diagonal   | %d = const f32[3,3] {2, 0, 0, 2, 2, 0, 2, 2, 2}; %w = Mul(%x, %d); %y = Sub(%w, %u)
        is not known to be 1 up to a diagonal   | %d = const f32[3,3] {1, 0.5, 0.5, 1, 1, 0.5, 1, 1, 1}; %w = Mul(%x, %d); %y = Sub(%w, %u)
        is not known to be 0 up to the same     | %w = Mul(%x, %t); %y = Sub(%w, %n)
        is not known to be 0 up to the same     | %d = const f32[3,3] {0, 0, 10000, 0, 0, 0, 0, 0, 0}; %w = Mul(%x, %t); %y = Sub(%w, %d)
        are replaced by 10000.0                 | %w = Mul(%x, %t); %y = Add(%w, %u)
        may bring them back                     | %w = Mul(%x, %t); %z = Sub(%w, %u); %y = Add(%z, %n)
        """)
    void scoresThatMayBeSeenStay(String reason, String nodes) {
        Rewrites.refuses(SET.where(r -> r.name().equals("attention-kept")), "attention-kept", kept(nodes), reason);
    }

    private static final String TRIANGLE = "%table = const bool[8,8] {true, false, false, false, false, false, false,"
            + " false, true, true, false, false, false, false, false, false, true, true, true, false, false, false,"
            + " false, false, true, true, true, true, false, false, false, false, true, true, true, true, true, false,"
            + " false, false, true, true, true, true, true, true, false, false, true, true, true, true, true, true,"
            + " true, false, true, true, true, true, true, true, true, true}; ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %m = LessOrEqual(%columns, %r)
        %m = GreaterOrEqual(%r, %columns)
        %g = Greater(%columns, %r); %m = Not(%g)
        %g = Less(%r, %columns); %m = Where(%g, %low, %f0)
        %c = LessOrEqual(%columns, %r); %z = Cast<to=1>(%c); %d = Sub(%f1, %z); %m = Mul(%d, %low)
        %cu = Cast<to=6>(%columns); %ru = Cast<to=6>(%r); %m = LessOrEqual(%cu, %ru)
        %cu = Cast<to=1>(%columns); %ru = Cast<to=1>(%r); %m = LessOrEqual(%cu, %ru)
        %cu = Cast<to=11>(%columns); %ru = Cast<to=11>(%r); %m = LessOrEqual(%cu, %ru)
        %c = LessOrEqual(%columns, %r); %z = Cast<to=2>(%c); %m = Cast<to=9>(%z)
        %c = LessOrEqual(%columns, %r); %w = Where(%c, %f0, %low); %n = Cast<to=10>(%w); %m = Cast<to=1>(%n)
        %c = LessOrEqual(%columns, %r); %w = Where(%c, %f0, %inf); %n = Cast<to=16>(%w); %m = Cast<to=11>(%n)
        %c = LessOrEqual(%columns, %r); %i03 = const i64[2] {0, 1}; %m = Unsqueeze(%c, %i03)
        %o = ConstantOfShape<value=f32[1] {1}>(%st); %l = Trilu<upper=0>(%o, %p); %e = Equal(%l, %f0); %m = Where(%e, %inf, %f0)
        %o = Expand(%low, %st); %m = Trilu(%o, %after)
        %o = Expand(%low, %st); %u = Trilu(%o, %n1); %g = Greater(%columns, %r); %z = Cast<to=1>(%g); %m = Mul(%u, %z)
        %o = Expand(%b1, %st); %l = Trilu<upper=0>(%o, %p); %m = And(%l, %o)
        %zero = Range(%n0, %s, %n1); %v1 = Add(%zero, %p); %w = Unsqueeze(%v1, %i1); %m = LessOrEqual(%columns, %w)
        TABLE %c = Slice(%table, %pu, %tu, %i0); %m = Slice(%c, %i0, %tu, %i1)
        TABLE %c = Slice(%table, %pu, %tu, %i0); %d = Slice(%c, %i0, %tu, %i1); %h = Not(%d); %m = Where(%h, %low, %f0)
        """)
    void keysThatAreHiddenUpToTheDiagonalMakeItCausal(String mask) {
        RuleSet set = AlgebraRules.SET.plus(SET);
        Graph result = Rewrites.fires(set, "attention-causal", masked(mask.replace("TABLE ", TRIANGLE)));
        assertThat(result.toString()).contains("Attention<is_causal=1, scale=0.5f>(%q, %k, %v, _, %pk, %pv)");
    }

    @Test
    void aCausalMaskWithoutPastIsDropped() {
        Rewrites.becomes(SET, "attention-causal", """
            graph g(%q: f32[b,2,3,4], %k: f32[b,2,3,4], %v: f32[b,2,3,4]) {
              %m = const f32[3,3] {0, -Infinity, -Infinity, 0, 0, -Infinity, 0, 0, 0}
              %y = Attention<scale=0.5f>(%q, %k, %v, %m)
              return %y
            }
            """, """
            graph g(%q: f32[b,2,3,4], %k: f32[b,2,3,4], %v: f32[b,2,3,4]) {
              %y = Attention<is_causal=1, scale=0.5f>(%q, %k, %v)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the diagonal is at 0   | %o = Expand(%b1, %st); %m = Trilu<upper=0>(%o)
        the diagonal is at p-1 | %m = Less(%columns, %r)
        hides other keys         | %m = LessOrEqual(%columns, %r)
        and 1.0 after it        | %m = Greater(%columns, %r)
        and -10000.0 after it   | %small = const f32[] {-10000}; %c = LessOrEqual(%columns, %r); %m = Where(%c, %f0, %small)
        """)
    void otherTrianglesStay(String reason, String mask) {
        String text = masked(mask);
        if (reason.startsWith("hides")) {
            text = text.replace("Attention<", "Attention<left_window_size=3, ");
        }
        Rewrites.refuses(SET, "attention-causal", text, reason);
    }

    @Test
    void aLargeTableIsReadOnce() {
        StringBuilder table = new StringBuilder();
        for (int i = 0; i < 70 * 70; i++) {
            table.append(i == 0 ? "" : ", ").append(i % 70 <= i / 70);
        }
        Graph graph = Graphs.parse("graph g() {\n%m = const bool[70,70] {" + table + "}\nreturn %m\n}");
        CausalMask found = CausalMask.of(graph.outputs().getFirst());
        assertThat(found).isEqualTo(new CausalMask(1, 0, Dim.of(0), Dim.of(70), Dim.of(70)));
        assertThat(CausalMask.of(graph.outputs().getFirst())).isSameAs(found);
    }

    @Test
    void aTriangleExcusesItsMatricesAlone() {
        Rewrites.refuses(ATTENTION, "attention", """
            graph g(%q: f32[b,2,3,4], %k: f32[b,2,3,4], %v: f32[b,2,3,4], %w: f32[u,1,1,1]) {
              %table = const f32[3,3] {0, -Infinity, -Infinity, 0, 0, -Infinity, 0, 0, 0}
              %sizes = Shape(%w)
              %m = Expand(%table, %sizes)
              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %p = MatMul(%q, %kt)
              %a = Add(%p, %m)
              %s = Softmax(%a)
              %y = MatMul(%s, %v)
              return %y
            }
            """, "dimension u of the mask");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %rs = Squeeze(%r, %i1); %m = LessOrEqual(%columns, %columns)
        %one = const f32[1,1] {0}; %m = Expand(%one, %st)
        %cu = Cast<to=2>(%columns); %ru = Cast<to=2>(%r); %m = LessOrEqual(%cu, %ru)
        %cu = Cast<to=5>(%columns); %ru = Cast<to=5>(%r); %m = LessOrEqual(%cu, %ru)
        %cu = Cast<to=10>(%columns); %ru = Cast<to=10>(%r); %m = LessOrEqual(%cu, %ru)
        %cu = Cast<to=2>(%columns); %ru = Cast<to=2>(%r); %ci = Cast<to=7>(%cu); %ri = Cast<to=7>(%ru); %m = LessOrEqual(%ci, %ri)
        %far = const i64[] {4294967296}; %cf = Add(%columns, %far); %rf = Add(%r, %far); %ci = Cast<to=6>(%cf); %ri = Cast<to=6>(%rf); %m = LessOrEqual(%ci, %ri)
        %c = LessOrEqual(%columns, %r); %b = Cast<to=2>(%c); %b1u = const u8[] {1}; %b0u = const u8[] {0}; %d = Sub(%b, %b1u); %m = Equal(%d, %b0u)
        %c = LessOrEqual(%columns, %r); %w = Where(%c, %f0, %low); %n = Cast<to=17>(%w); %m = Cast<to=1>(%n)
        %c = LessOrEqual(%columns, %r); %w = Where(%c, %f0, %low); %n = Cast<to=6>(%w); %m = Cast<to=1>(%n)
        %two = Range(%p, %t, %n2); %w = Unsqueeze(%two, %i1); %m = LessOrEqual(%columns, %w)
        """)
    void masksThatAreNotCausalStay(String mask) {
        Rewrites.stays(AttentionMaskRules.SET, masked(mask.replace("%rs = Squeeze(%r, %i1); ", "")));
    }
}
