package dev.tenon.graph.rules.attention;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;

class QkvIntegerRulesTest {
    private static String heads(String q, String k, String v, String attention) {
        return """
            graph g(%x: u8[b,n,2], %s: f32[], %z: u8[], %x2: u8[b,n,2]) {
              %wq = const i8[2,4] {1, -2, 3, 4, 5, -6, 7, 8}
              %wk = const i8[2,2] {1, -2, 3, 4}
              %wv = const i8[2,2] {-1, -2, -3, 7}
              %zq = const i8[4] {0, 1, 2, 3}
              %zk = const i8[] {0}
              %zv = const i8[1] {5}
              %tq = const f32[] {0.01}
              %tk = const f32[2] {0.02, 0.03}
              %tv = const f32[1] {0.04}
              %bq = const f32[4] {1, 2, 3, 4}
              %bv = const f32[2] {5, -6}
              %pq = MatMulInteger(Q)
              %pk = MatMulInteger(K)
              %pv = MatMulInteger(V)
              %fq = Cast<to=1>(%pq)
              %fk = Cast<to=1>(%pk)
              %fv = Cast<to=1>(%pv)
              %mq = Mul(%fq, %s)
              %mk = Mul(%fk, %s)
              %mv = Mul(%fv, %s)
              %sq = Mul(%mq, %tq)
              %sk = Mul(%mk, %tk)
              %sv = Mul(%mv, %tv)
              %aq = Add(%sq, %bq)
              %av = Add(%sv, %bv)
              %y = Attention<ATTENTION>(%aq, %sk, %av)
              return %y
            }
            """.replace("(Q)", "(" + q + ")")
                .replace("(K)", "(" + k + ")")
                .replace("(V)", "(" + v + ")")
                .replace("ATTENTION", attention);
    }

    private static final String GROUPED = "q_num_heads=2, kv_num_heads=1";

    @Test
    void oneProductOfIntegersGivesQueriesKeysAndValues() {
        Rewrites.becomes(
                QkvIntegerRules.SET,
                "qkv-integers",
                heads("%x, %wq, %z, %zq", "%x, %wk, %z, %zk", "%x, %wv, %z, %zv", GROUPED),
                """
                graph g(%x: u8[b,n,2], %s: f32[], %z: u8[], %x2: u8[b,n,2]) {
                  %const = const i8[2,8] {1, -2, 3, 4, 1, -2, -1, -2, 5, -6, 7, 8, 3, 4, -3, 7}
                  %const_1 = const i8[8] {0, 1, 2, 3, 0, 0, 5, 5}
                  %const_2 = const f32[8] {0.01, 0.01, 0.01, 0.01, 0.02, 0.03, 0.04, 0.04}
                  %const_3 = const f32[8] {1, 2, 3, 4, 0, 0, 5, -6}
                  %MatMulInteger = MatMulInteger(%x, %const, %z, %const_1)
                  %Cast = Cast<to=1>(%MatMulInteger)
                  %Mul = Mul(%Cast, %s)
                  %Mul_1 = Mul(%Mul, %const_2)
                  %Add = Add(%Mul_1, %const_3)
                  %y = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1>(%Add)
                  return %y
                }
                """);
    }

    @Test
    void productsOfOtherHeadsOrOperandsStay() {
        Rewrites.refuses(
                QkvIntegerRules.SET,
                "qkv-integers",
                heads(
                        "%x, %wq, %z, %zq",
                        "%x, %wk, %z, %zk", "%x, %wv, %z, %zv", GROUPED + ", qk_matmul_output_mode=1"),
                "scores are asked for");
        Rewrites.stays(
                QkvIntegerRules.SET, heads("%x, %wq, %z, %zq", "%x2, %wk, %z, %zk", "%x, %wv, %z, %zv", GROUPED));
    }
}
