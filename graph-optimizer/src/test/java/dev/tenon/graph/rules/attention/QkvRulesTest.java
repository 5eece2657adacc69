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
import org.junit.jupiter.params.provider.ValueSource;

class QkvRulesTest {
    private static final RuleSet ATTENTION = AttentionRules.SET.plus(FlatAttentionRules.SET);
    private static final RuleSet QKV = QkvRules.SET.plus(QkvRotaryRules.SET);
    private static final RuleSet SET = AlgebraRules.SET
            .plus(TransposeRules.SET)
            .plus(ShapeRules.SET)
            .plus(ATTENTION)
            .plus(QKV);

    private static final String GROUPED = "Attention<q_num_heads=2, kv_num_heads=1, scale=0.5f>";

    private static String products(String nodes) {
        return "graph g(%x: f32[b,n,3], %m: f32[b,1,1,n]) {\n" + """
              %wq = const f32[3,2] {1, -0.5, 0.25, 2, -1, 0.125}
              %wk = const f32[3,1] {0.5, 1, -2}
              %wv = const f32[3,1] {-3, 0.75, 1}
              %bq = const f32[2] {0.5, -1}
              %bv = const f32[] {0.25}
            """ + lines(nodes) + "\nreturn %y\n}";
    }

    private static String lines(String nodes) {
        return nodes.replace(" %", "\n%")
                .replace("(\n", "(")
                .replace(",\n", ", ")
                .replace("return\n", "return ")
                .replace("Attention\n", GROUPED);
    }

    @Test
    void threeProductsBecomeOne() {
        Rewrites.becomes(SET, "qkv-products", products("""
            %pq = MatMul(%x, %wq) %q = Add(%bq, %pq) %k = MatMul(%x, %wk) %pv = MatMul(%x, %wv) %v = Add(%pv, %bv)
            %y = A(%q, %k, %v, %m)\
            """.replace("A(%q", GROUPED + "(%q")), """
            graph g(%x: f32[b,n,3], %m: f32[b,1,1,n]) {
              %const = const f32[3,4] {1, -0.5, 0.5, -3, 0.25, 2, 1, 0.75, -1, 0.125, -2, 1}
              %const_1 = const f32[4] {0.5, -1, 0, 0.25}
              %MatMul = MatMul(%x, %const)
              %Add = Add(%MatMul, %const_1)
              %y = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1, scale=0.5f>(%Add, %m)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %k is used 2 times        | %q = MatMul(%x, %wq) %k = MatMul(%x, %wk) %v = MatMul(%x, %wv) %a = A(%q, %k, %v) %y = Add(%a, %k)
        the weights are shared    | %q = MatMul(%x, %wq) %k = MatMul(%x, %wk) %v = MatMul(%x, %wk) %y = A(%q, %k, %v)
        heads of different sizes  | %w2 = const f32[3,2] {1, 2, 3, 4, 5, 6} %q = MatMul(%x, %wq) %k = MatMul(%x, %wk) %v = MatMul(%x, %w2) %y = A(%q, %k, %v)
        """)
    void othersAreRefused(String reason, String nodes) {
        Rewrites.refuses(QKV, "qkv-products", products(nodes.replace("A(", GROUPED + "(")), reason);
    }

    @Test
    void productsOfDifferentOperandsStay() {
        Rewrites.stays(QKV, products("""
            %n = Neg(%x) %q = MatMul(%n, %wq) %k = MatMul(%x, %wk) %v = MatMul(%x, %wv) %y = A(%q, %k, %v)\
            """.replace("A(", GROUPED + "(")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %sizes = const i64[3] {4, 2, 2} %q, %k, %v = Split<axis=2>(%x, %sizes)
        %a = const i64[1] {2} %i = const i64[1] {0} %j = const i64[1] {4} %l = const i64[1] {6} %e = const i64[1] {8} %q = Slice(%x, %i, %j, %a) %k = Slice(%x, %j, %l, %a) %v = Slice(%x, %l, %e, %a)
        """)
    void columnsAreReadInPlace(String nodes) {
        Graph result = Rewrites.fires(
                QKV,
                "qkv-columns",
                "graph g(%x: f32[b,n,8]) {\n" + columns(nodes) + "\n%y = " + GROUPED + "(%q, %k, %v)\nreturn %y\n}");
        assertThat(result.nodes())
                .as(result.toString())
                .singleElement()
                .satisfies(n -> assertThat(n.op().schema().name()).isEqualTo("QkvAttention"));
    }

    @Test
    void columnsBecomeOneOperand() {
        Rewrites.becomes(QKV, "qkv-columns", """
            graph g(%x: f32[b,n,8]) {
              %sizes = const i64[3] {4, 2, 2}
              %q, %k, %v = Split<axis=2>(%x, %sizes)
              %y = Attention<q_num_heads=2, kv_num_heads=1, scale=0.5f>(%q, %k, %v)
              return %y
            }
            """, """
            graph g(%x: f32[b,n,8]) {
              %y = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1, scale=0.5f>(%x)
              return %y
            }
            """);
    }

    @Test
    void columnsAfterAnUnusedOutputAreRefused() {
        Rewrites.refuses(QKV, "qkv-columns", """
            graph g(%x: f32[b,n,8]) {
              %a = const i64[1] {2}
              %i = const i64[1] {0}
              %j = const i64[1] {4}
              %l = const i64[1] {6}
              %q = Slice(%x, %i, %j, %a)
              %k = Slice(%x, %j, %l, %a)
              %sizes = const i64[3] {4, 2, 2}
              _, %t, %v = Split<axis=2>(%x, %sizes)
              %y = A(%q, %k, %v)
              return %y
            }
            """.replace("A(", GROUPED + "("), "is not the columns from 6");
    }

    private static String columns(String nodes) {
        return lines(nodes).replace("q,\n%k,\n%v", "q, %k, %v");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        is not the columns from 4 | %s1 = const i64[3] {4, 2, 2} %s2 = const i64[3] {2, 2, 4} %s3 = const i64[3] {5, 1, 2} %q, %k1, %v1 = Split<axis=2>(%x, %s1) %q2, %k, %v2 = Split<axis=2>(%x, %s2) %q3, %k3, %v = Split<axis=2>(%x, %s3)
        is not the columns from 4 | %a = const i64[1] {2} %i = const i64[1] {0} %j = const i64[1] {4} %l = const i64[1] {6} %e = const i64[1] {8} %q = Slice(%x, %i, %j, %a) %v = Slice(%x, %j, %l, %a) %k = Slice(%x, %l, %e, %a)
        from 6 on are something   | %a = const i64[1] {2} %i = const i64[1] {0} %j = const i64[1] {2} %l = const i64[1] {4} %e = const i64[1] {6} %q = Slice(%x, %i, %j, %a) %k = Slice(%x, %j, %l, %a) %v = Slice(%x, %l, %e, %a)
        """)
    void otherColumnsAreRefused(String reason, String nodes) {
        String attention = reason.startsWith("from") ? GROUPED.replace("q_num_heads=2", "q_num_heads=1") : GROUPED;
        Rewrites.refuses(
                QKV,
                "qkv-columns",
                "graph g(%x: f32[b,n,8]) {\n" + columns(nodes) + "\n%y = " + attention + "(%q, %k, %v)\nreturn %y\n}",
                reason);
    }

    private static String pieces(String shape, String pieces) {
        return "graph g(%x: f32[b,n,12]) {\n%five = const i64[5] " + shape + "\n" + lines(pieces) + """

              %kt = Transpose<perm=[0, 1, 3, 2]>(%k)
              %a = MatMul(%q, %kt)
              %s = Softmax(%a)
              %o = MatMul(%s, %v)
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %joined = const i64[3] {0, 0, 4}
              %y = Reshape(%t, %joined)
              return %y
            }
            """;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %r = Reshape(%x, %five) %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r) %i = const i64[] {0} %j = const i64[] {1} %l = const i64[] {-1} %q = Gather(%p, %i) %k = Gather(%p, %j) %v = Gather(%p, %l)
        %r = Reshape(%x, %five) %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r) %z = const i64[1] {0} %a0, %a1, %a2 = Split(%p) %q = Squeeze(%a0, %z) %k = Squeeze(%a1, %z) %v = Squeeze(%a2, %z)
        %r = Reshape(%x, %five) %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r) %z = const i64[1] {0} %j = const i64[1] {1} %l = const i64[1] {-1} %m = const i64[1] {2} %e = const i64[1] {3} %a0 = Slice(%p, %z, %j, %z) %a1 = Slice(%p, %j, %m, %z) %a2 = Slice(%p, %l, %e, %z) %q = Squeeze(%a0, %z) %k = Squeeze(%a1, %z) %v = Squeeze(%a2, %z)
        """)
    void piecesOfFiveDimensionsAreJoinedOperands(String nodes) {
        Graph result = Rewrites.fires(SET, "qkv-pieces", pieces("{0, 0, 3, 2, 2}", nodes));
        assertThat(result.nodes())
                .as(result.toString())
                .singleElement()
                .satisfies(n -> assertThat(n.op().schema().name()).isEqualTo("QkvAttention"));
    }

    private static final String PIECES = "%r = Reshape(%x, %five) %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r)"
            + " %i = const i64[] {0} %j = const i64[] {1} %l = const i64[] {2}"
            + " %q = Gather(%p, %i) %k = Gather(%p, %j) %v = Gather(%p, %l)";

    @Test
    void piecesBecomeOneOperand() {
        Rewrites.becomes(SET, "qkv-pieces", pieces("{0, 0, 3, 2, 2}", PIECES), """
            graph g(%x: f32[b,n,12]) {
              %y = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=2, scale=1.0f>(%x)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        are joined to [     | i64[3] {0, 0, 4} | i64[2] {-1, 4}
        heads go from [*]   | f32[b,n,12]      | f32[*]
        heads go from [b,n, | {0, 0, 3, 2, 2}  | {-1, 3, 3, 2, 2}
        """)
    void otherPiecesAreRefused(String reason, String part, String other) {
        String text = pieces("{0, 0, 3, 2, 2}", PIECES).replace(part, other);
        Rewrites.refuses(
                QKV,
                "qkv-pieces",
                text.substring(0, text.indexOf("%kt")) + "%o = Attention<scale=1.0f>(%q, %k, %v)\n"
                        + text.substring(text.indexOf("%t = ")),
                reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%i = const i64[] {1} %j = const i64[] {0} %l = const i64[] {2}"
                        + " %q = Gather(%p, %i) %k = Gather(%p, %j) %v = Gather(%p, %l)",
                "%z = const i64[1] {0} %j = const i64[1] {1} %l = const i64[1] {2} %e = const i64[1] {3}"
                        + " %a0 = Slice(%p, %j, %l, %z) %a1 = Slice(%p, %z, %j, %z) %a2 = Slice(%p, %l, %e, %z)"
                        + " %q = Squeeze(%a0, %z) %k = Squeeze(%a1, %z) %v = Squeeze(%a2, %z)"
            })
    void piecesInAnotherOrderStay(String nodes) {
        Graph result = Rewrites.fires(
                SET,
                "attention",
                pieces("{0, 0, 3, 2, 2}", "%r = Reshape(%x, %five) %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r) " + nodes));
        assertThat(result.toString()).doesNotContain("QkvAttention");
    }
}
