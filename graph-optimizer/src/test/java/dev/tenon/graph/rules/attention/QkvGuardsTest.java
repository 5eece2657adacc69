package dev.tenon.graph.rules.attention;

import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs that differ in one thing from attention whose queries, keys and values are parts of one value. */
class QkvGuardsTest {
    private static final RuleSet SET = QkvRules.SET.plus(QkvRotaryRules.SET).plus(QkvIntegerRules.SET);

    private static void refuses(String rule, String text, String reason) {
        Rewrites.refuses(SET.where(r -> r.name().equals(rule)), rule, text, reason);
    }

    private static final String GATHERED = "%q = Gather(%p, %i); %k = Gather(%p, %j); %v = Gather(%p, %l)";

    private static final String SPLIT = "%a0, %a1, %a2 = Split<axis=-5>(%p); %q = Squeeze(%a0, %z);"
            + " %k = Squeeze(%a1, %z); %v = Squeeze(%a2, %z)";

    /** Heads that are pieces of a value of five dimensions. */
    private static String pieces(String shape, String five, String parts, String joined) {
        return """
            graph g(%x: f32[SHAPE], %to: i64[k]) {
              %i = const i64[] {0}
              %j = const i64[] {1}
              %l = const i64[] {2}
              %z = const i64[1] {0}
              %i2 = const i64[1] {2}
              %five = FIVE
              %joined = const JOINED
              %r = Reshape(%x, %five)
              %p = Transpose<perm=[2, 0, 3, 1, 4]>(%r)
              PARTS
              %o = Attention<scale=0.5f>(%q, %k, %v)
              %t = Transpose<perm=[0, 2, 1, 3]>(%o)
              %y = Reshape(%t, %joined)
              return %y
            }
            """.replace("SHAPE", shape)
                .replace("FIVE", five)
                .replace("PARTS", parts.replace("; ", "\n"))
                .replace("JOINED", joined);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        b,n,12,1 | const i64[5] {0, 0, 3, 2, 2}  | i64[3] {0, 0, 4}
        b,n,12   | Identity(%to)                 | i64[3] {0, 0, 4}
        b,n,16   | const i64[5] {0, 0, 4, 2, 2}  | i64[3] {0, 0, 4}
        b,n,6*h  | const i64[5] {0, 0, 3, -1, 2} | i64[3] {0, 0, -1}
        b,n,6*s  | const i64[5] {0, 0, 3, 2, -1} | i64[3] {0, 0, -1}
        b,4,12   | const i64[5] {-1, 4, 3, 2, 1} | i64[3] {-1, 4, 4}
        4,n,12   | const i64[5] {4, -1, 3, 2, 1} | i64[3] {4, -1, 4}
        b,n,12   | const i64[5] {0, 0, 3, 2, 2}  | i64[4] {0, 0, 2, 2}
        b,4,12   | const i64[5] {0, 0, 3, 2, 2}  | i64[3] {-1, 4, 2}
        4,n,12   | const i64[5] {0, 0, 3, 2, 2}  | i64[3] {4, -1, 2}
        """)
    void piecesOfOtherShapesStay(String shape, String five, String joined) {
        refuses("qkv-pieces", pieces(shape, five, GATHERED, joined), "the heads go from");
    }

    @Test
    void piecesMayBeSplit() {
        Rewrites.fires(
                QkvRules.SET,
                "qkv-pieces",
                pieces("b,n,12", "const i64[5] {0, 0, 3, 2, 2}", SPLIT, "i64[3] {0, 0, 4}"));
    }

    /** Each has the shapes of pieces, and other elements. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        3,n,12 | {0, 0, 3, 2, 2} | %q = Gather<axis=1>(%p, %i); %k = Gather<axis=1>(%p, %j); %v = Gather<axis=1>(%p, %l)   | {0, 0, 4}
        b,n,12 | {0, 0, 3, 2, 2} | %s = const i64[3] {2, 1, 0}; %b0, %b1, %b2 = Split(%p, %s); SPLIT; %k = Squeeze(%b1, %z) | {0, 0, 4}
        2,n,6  | {0, 0, 3, 1, 2} | %a0, %a1, %a2 = Split(%p); %q = Squeeze(%a0, %i2); %k = Squeeze(%a1, %i2); %v = Squeeze(%a2, %i2) | {2, -1, 2}
        """)
    void otherPartsAreNoPieces(String shape, String five, String parts, String joined) {
        String split = SPLIT.replace("%k = Squeeze(%a1, %z);", "").replace("<axis=-5>", "");
        Rewrites.stays(
                SET,
                "qkv-pieces",
                pieces(shape, "const i64[5] " + five, parts.replace("SPLIT", split), "i64[3] " + joined));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        perm=[2, 0, 3, 1, 4] | perm=[2, 1, 3, 0, 4] | {0, 0, 4}
        perm=[0, 2, 1, 3]    | perm=[2, 1, 0, 3]    | {0, -1, 4}
        """)
    void otherAxesAreNoHeads(String perm, String other, String joined) {
        String text = pieces("n,n,12", "const i64[5] {0, 0, 3, 2, 2}", GATHERED, "i64[3] " + joined);
        Rewrites.stays(SET, "qkv-pieces", text.replace(perm, other));
    }

    private static String columns(String shape, String parts, String attention) {
        return "graph g(%x: f32[" + shape + "]) {\n" + """
              %i0 = const i64[1] {0}
              %i1 = const i64[1] {1}
              %i2 = const i64[1] {2}
              %i4 = const i64[1] {4}
              %i6 = const i64[1] {6}
              %i8 = const i64[1] {8}
              %s = const i64[3] {4, 2, 2}
            """
                + parts.replace("; ", "\n")
                + "\n%y = Attention" + attention.replace("HEADS", "q_num_heads=2, kv_num_heads=1")
                + "(%q, %k, %v)\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        the scores are asked for            | b,n,8   | %q, %k, %v = Split<axis=2>(%x, %s) | <HEADS, qk_matmul_output_mode=1>
        the operand is of shape [*]         | *       | %q, %k, %v = Split<axis=2>(%x, %s) | <HEADS>
        the operand is of shape [b,n,w]     | b,n,w   | %q, %k, %v = Split<axis=2>(%x, %s) | <HEADS>
        the operand is of shape [b,2,5,8]   | b,2,5,8 | %u = const i64[3] {2, 2, 4}; %q, %k, %v = Split<axis=3>(%x, %u) | <scale=0.5f>
        %q is not the columns from 0 on     | b,n,8   | %n = Shape<start=1, end=2>(%x); %q = Slice(%x, %i0, %n, %i2); %k = Slice(%x, %i4, %i6, %i2); %v = Slice(%x, %i6, %i8, %i2) | <HEADS>
        %q is not the columns from 0 on     | b,n,8   | %q = Slice(%x, %i0, %i4, %i1); %k = Slice(%x, %i4, %i6, %i2); %v = Slice(%x, %i6, %i8, %i2) | <q_num_heads=4, kv_num_heads=1>
        """)
    void otherColumnsStay(String reason, String shape, String parts, String attention) {
        refuses("qkv-columns", columns(shape, parts, attention), reason);
    }

    private static String integers(String weights, String values) {
        return """
            graph g(%x: u8[b,n,2], %s: f32[], %z: u8[]) {
              %wq = const i8[2,4] {1, -2, 3, 4, 5, -6, 7, 8}
              %wk = const WK
              %wv = const i8[2,2] {-1, -2, -3, 7}
              %w1 = const i8[2,1] {4, 5}
              %t = const f32[] {0.01}
              %u = const f32[2] {0.5, 0.25}
              %zq = const i8[] {0}
              %pq = MatMulInteger(%x, %wq, %z, %zq)
              %pk = MatMulInteger(%x, %wk, %z, %zk)
              %fq = Cast<to=1>(%pq)
              %fk = Cast<to=1>(%pk)
              %mq = Mul(%fq, %s)
              %mk = Mul(%fk, %s)
              %q = Mul(%mq, %t)
              %k = Mul(%mk, %t)
              VALUES
              %y = Attention<q_num_heads=2, kv_num_heads=1>(%q, %k, %v)
              return %y
            }
            """.replace("WK", weights).replace("VALUES", values.replace("; ", "\n"));
    }

    private static final String SIGNED = "i8[2,2] {1, -2, 3, 4}\n%zk = const i8[] {0}";

    private static final String VALUES =
            "%pv = MatMulInteger(%x, %wv, %z, %zq); %fv = Cast<to=1>(%pv);" + " %mv = Mul(%fv, %s); %v = Mul(%mv, %t)";

    @Test
    void integersWithoutABiasGetNone() {
        Rewrites.becomes(QkvIntegerRules.SET, "qkv-integers", integers(SIGNED, VALUES), """
            graph g(%x: u8[b,n,2], %s: f32[], %z: u8[]) {
              %const = const i8[2,8] {1, -2, 3, 4, 1, -2, -1, -2, 5, -6, 7, 8, 3, 4, -3, 7}
              %const_1 = const i8[8] {0, 0, 0, 0, 0, 0, 0, 0}
              %const_2 = const f32[8] {0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01}
              %MatMulInteger = MatMulInteger(%x, %const, %z, %const_1)
              %Cast = Cast<to=1>(%MatMulInteger)
              %Mul = Mul(%Cast, %s)
              %Mul_1 = Mul(%Mul, %const_2)
              %y = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1>(%Mul_1)
              return %y
            }
            """);
    }

    @Test
    void integersOfOtherTypesOrWidthsStay() {
        refuses(
                "qkv-integers",
                integers("u8[2,2] {1, 2, 3, 4}\n%zk = const u8[] {0}", VALUES),
                "the weights are of different types");
        String wide = VALUES.replace("%wv", "%w1").replace("%v = Mul(%mv, %t)", "%w = Mul(%mv, %t); %v = Add(%w, %u)");
        refuses("qkv-integers", integers(SIGNED, wide), "'v bias' is not one number for each column");
        refuses(
                "qkv-integers",
                integers(SIGNED, VALUES.replace("%wv", "%w1").replace("(%mv, %t)", "(%mv, %u)")),
                "'v scale' is not one number for each column");
    }

    private static String rotated(String widths, String rotations, String heads) {
        return "graph g(%x: f32[b,n,2], %c: f32[b,n,1], %s: f32[b,n,1], %p: i64[b,n]) {\n"
                + widths.replace("; ", "\n") + "\n%q = MatMul(%x, %wq)\n%k = MatMul(%x, %wk)\n%v = MatMul(%x, %wv)\n"
                + rotations.replace("; ", "\n") + "\n%y = Attention<" + heads + ">(%qr, %kr, %v)\nreturn %y\n}";
    }

    @Test
    void aWidthOfAllElementsIsNone() {
        Rewrites.fires(
                QkvRotaryRules.SET,
                "qkv-rotary-products",
                rotated(
                        "%wq = const f32[2,4] {1, 2, 3, 4, 5, 6, 7, 8}; %wk = const f32[2,2] {1, -2, 3, -4};"
                                + " %wv = const f32[2,2] {5, 6, -7, 8}",
                        "%qr = RotaryEmbedding<num_heads=2, rotary_embedding_dim=2>(%q, %c, %s);"
                                + " %kr = RotaryEmbedding<num_heads=1>(%k, %c, %s)",
                        "q_num_heads=2, kv_num_heads=1"));
    }

    @Test
    void keysWhoseHeadsAreRotatedInAnotherWayStay() {
        refuses(
                "qkv-rotary-products",
                rotated(
                        "%wq = const f32[2,4] {1, 2, 3, 4, 5, 6, 7, 8}; %wk = const f32[2,4] {1, -2, 3, -4, 5, 6, 7, 8};"
                                + " %wv = const f32[2,4] {5, 6, -7, 8, 1, 2, 3, 4}",
                        "%qr = RotaryEmbedding<num_heads=1, rotary_embedding_dim=2>(%q, %c, %s);"
                                + " %kr = RotaryEmbedding<num_heads=2>(%k, %c, %s)",
                        "q_num_heads=1, kv_num_heads=1"),
                "other heads are rotated");
    }
}
