package dev.tenon.graph.rules;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DynamicQuantRulesTest {
    @Test
    void bothScalesComeBehindTheSums() {
        Rewrites.becomes(DynamicQuantRules.SET, "dynamic-scales", """
            graph g(%x: u8[n,2], %s: f32[], %z: u8[]) {
              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %t = const f32[3] {0.5, 0.25, 2}
              %p = MatMulInteger(%x, %w, %z)
              %f = Cast<to=1>(%p)
              %m = Mul(%s, %t)
              %y = Mul(%f, %m)
              return %y
            }
            """, """
            graph g(%x: u8[n,2], %s: f32[], %z: u8[]) {
              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %t = const f32[3] {0.5, 0.25, 2}
              %p = MatMulInteger(%x, %w, %z)
              %f = Cast<to=1>(%p)
              %Mul = Mul(%f, %s)
              %y = Mul(%Mul, %t)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            one scale for all rows | %s: f32[n,1]     | %t = const f32[3] {1, 2, 4}
            more dimensions        | %s: f32[]        | %t = const f32[1,1,1,3] {1, 2, 4}
            """)
    void otherScalesAreRefused(String reason, String input, String scale) {
        Rewrites.refuses(DynamicQuantRules.SET, "dynamic-scales", """
            graph g(%x: u8[n,2],\
            """ + input + ") {\n" + scale + """

              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %p = MatMulInteger(%x, %w)
              %f = Cast<to=1>(%p)
              %m = Mul(%s, %t)
              %y = Mul(%f, %m)
              return %y
            }
            """, reason);
    }

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
                DynamicQuantRules.SET,
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
                DynamicQuantRules.SET,
                "qkv-integers",
                heads(
                        "%x, %wq, %z, %zq",
                        "%x, %wk, %z, %zk", "%x, %wv, %z, %zv", GROUPED + ", qk_matmul_output_mode=1"),
                "scores are asked for");
        Rewrites.stays(
                DynamicQuantRules.SET, heads("%x, %wq, %z, %zq", "%x2, %wk, %z, %zk", "%x, %wv, %z, %zv", GROUPED));
    }
}
