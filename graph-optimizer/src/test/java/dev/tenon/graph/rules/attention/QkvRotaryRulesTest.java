package dev.tenon.graph.rules.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QkvRotaryRulesTest {
    private static final RuleSet ROTARY =
            DuplicatedHalvesRules.SET.plus(RotaryRules.SET).plus(PartialRotaryRules.SET);
    private static final RuleSet ATTENTION = AttentionRules.SET.plus(FlatAttentionRules.SET);
    private static final RuleSet QKV = QkvRules.SET.plus(QkvRotaryRules.SET);
    private static final RuleSet SET = ROTARY.plus(ATTENTION).plus(QKV);

    private static final String HEAD = """
        graph g(%x: f32[b,n,2], %c: f32[b,n,1], %s: f32[b,n,1], %d: f32[9,1], %p: i64[b,n], %pk: f32[b,1,t,2], %pv: f32[b,1,t,2]) {
        """;

    private static String graph(String nodes, String results) {
        return HEAD + """
              %wq = const f32[2,4] {1, -0.5, 0.25, 2, -1, 0.125, 3, -2}
              %wk = const f32[2,2] {0.5, 1, -2, 0.75}
              %wv = const f32[2,2] {-3, 0.75, 1, 0.5}
              %bq = const f32[4] {0.5, -1, 0, 2}
              %bk = const f32[] {0.25}
            """
                + nodes.replace("; ", "\n").replace("ATTEND", "Attention<q_num_heads=2, kv_num_heads=1, scale=0.5f>")
                + "\nreturn " + results + "\n}";
    }

    private static final String PRODUCTS = "%q = MatMul(%x, %wq); %k = MatMul(%x, %wk); %v = MatMul(%x, %wv); ";

    private static final String ROTATED =
            "%qr = RotaryEmbedding<num_heads=2>(%q, %c, %s);" + " %kr = RotaryEmbedding<num_heads=1>(%k, %c, %s); ";

    private static final String WEIGHTS =
            "%const = const f32[2,8] {1, -0.5, 0.25, 2, 0.5, 1, -3, 0.75, -1, 0.125, 3, -2, -2, 0.75, 1, 0.5}\n";

    @Test
    void productsBeforeARotationBecomeOne() {
        Rewrites.becomes(
                SET,
                "qkv-rotary-products",
                graph(PRODUCTS + ROTATED + "%y = ATTEND(%qr, %kr, %v)", "%y"),
                HEAD + WEIGHTS + """
              %MatMul = MatMul(%x, %const)
              %QkvRotaryEmbedding = dev.tenon.QkvRotaryEmbedding<num_heads=3, v_num_heads=1>(%MatMul, %c, %s)
              %y = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1, scale=0.5f>(%QkvRotaryEmbedding)
              return %y
            }
            """);
    }

    @Test
    void biasesAPastAndNeighboursOfKnownPositionsAreKept() {
        Graph result = Rewrites.fires(
                SET,
                "qkv-rotary-products",
                graph(
                        "%mq = MatMul(%x, %wq); %q = Add(%mq, %bq); %mk = MatMul(%x, %wk); %k = Add(%bk, %mk);"
                                + " %v = MatMul(%x, %wv); %two = const i64[] {2}; %i = Clip(%p, _, %two);"
                                + " %qr = RotaryEmbedding<num_heads=2, interleaved=1>(%q, %d, %d, %i);"
                                + " %kr = RotaryEmbedding<num_heads=1, interleaved=1>(%k, %d, %d, %i);"
                                + " %y, %keys, %values = ATTEND(%qr, %kr, %v, _, %pk, %pv)",
                        "%y, %keys, %values"));
        assertThat(result.toString())
                .contains("const f32[8] {0.5, -1.0, 0.0, 2.0, 0.25, 0.25, 0.0, 0.0}")
                .contains("QkvRotaryEmbedding<interleaved=1, num_heads=3, v_num_heads=1>(%Add, %d, %d, %i)")
                .contains("%y: f32[b,n,4], %keys: f32[b,1,n+t,2], %values: f32[b,1,n+t,2] = dev.tenon.QkvAttention<")
                .contains("(%QkvRotaryEmbedding, _, %pk, %pv)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        in different ways        | %qr = RotaryEmbedding<num_heads=2>(%q, %c, %s); %kr = RotaryEmbedding<num_heads=1, interleaved=1>(%k, %c, %s); %y = ATTEND(%qr, %kr, %v)
        other heads are rotated  | %qr = RotaryEmbedding<num_heads=1, rotary_embedding_dim=2>(%q, %c, %s); %kr = RotaryEmbedding<num_heads=1, rotary_embedding_dim=2>(%k, %c, %s); %y = ATTEND(%qr, %kr, %v)
        %qr is used 2 times      | %qr = RotaryEmbedding<num_heads=2>(%q, %c, %s); %kr = RotaryEmbedding<num_heads=1>(%k, %c, %s); %a = ATTEND(%qr, %kr, %v); %y = Add(%a, %qr)
        """)
    void othersAreRefused(String reason, String nodes) {
        Rewrites.refuses(QKV, "qkv-rotary-products", graph(PRODUCTS + nodes, "%y"), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %q = MatMul(%x, %wq); %k = MatMul(%x, %wk); %v = MatMul(%x, %wv); %qr = RotaryEmbedding<num_heads=2>(%q, %c, %s); %kr = RotaryEmbedding<num_heads=1>(%k, %s, %c); %y = ATTEND(%qr, %kr, %v)
        %q = MatMul(%x, %wq); %k = MatMul(%x, %wk); %v = MatMul(%x, %wv); %kr = RotaryEmbedding<num_heads=1>(%k, %c, %s); %y = ATTEND(%q, %kr, %v)
        %w = const f32[2,8] {1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, -5, -6, -7, -8}; %m = MatMul(%x, %w); %z = const i64[3] {4, 2, 2}; %q, %k, %v = Split<axis=2>(%m, %z); %qr = RotaryEmbedding<num_heads=2>(%q, %c, %s); %kr = RotaryEmbedding<num_heads=1>(%k, %c, %s); %y = ATTEND(%qr, %kr, %v)
        """)
    void otherAnglesAndProductsThatAreOneAlreadyStay(String nodes) {
        Rewrites.stays(QKV, graph(nodes, "%y"));
    }
}
