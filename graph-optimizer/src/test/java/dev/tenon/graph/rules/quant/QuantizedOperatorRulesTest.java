package dev.tenon.graph.rules.quant;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;

class QuantizedOperatorRulesTest {
    @Test
    void anOperatorBecomesThoseThatItStandsFor() {
        Rewrites.becomes(QuantizedOperatorRules.SET, "quantized-operator", """
            graph g(%x: u8[n,2], %b: i32[3]) {
              %s = const f32[] {0.5}
              %z = const u8[] {3}
              %w = const i8[3,2] {1, -2, 3, 4, 5, -6}
              %t = const f32[3] {0.5, 0.25, 2}
              %o = const i8[3] {0, 0, 0}
              %y = dev.tenon.QuantizedOperator<transB=1, op="Gemm">(%x, %s, %z, %w, %t, %o, %s, %z, %b)
              return %y
            }
            """, """
            graph g(%x: u8[n,2], %b: i32[3]) {
              %s = const f32[] {0.5}
              %z = const u8[] {3}
              %w = const i8[3,2] {1, -2, 3, 4, 5, -6}
              %t = const f32[3] {0.5, 0.25, 2}
              %o = const i8[3] {0, 0, 0}
              %DequantizeLinear = DequantizeLinear(%x, %s, %z)
              %DequantizeLinear_1 = DequantizeLinear<axis=0>(%w, %t, %o)
              %Mul = Mul(%s, %t)
              %DequantizeLinear_2 = DequantizeLinear<axis=0>(%b, %Mul)
              %Gemm = Gemm<transB=1>(%DequantizeLinear, %DequantizeLinear_1, %DequantizeLinear_2)
              %y = QuantizeLinear(%Gemm, %s, %z)
              return %y
            }
            """);
    }

    @Test
    void zeroPointsMayBeLeftOut() {
        Rewrites.becomes(QuantizedOperatorRules.SET, "quantized-operator", """
            graph g(%x: u8[n,2], %b: u8[n,2]) {
              %s = const f32[] {0.5}
              %z = const u8[] {3}
              %y = dev.tenon.QuantizedOperator<op="Add">(%x, %s, _, %b, %s, %z, %s, _)
              return %y
            }
            """, """
            graph g(%x: u8[n,2], %b: u8[n,2]) {
              %s = const f32[] {0.5}
              %z = const u8[] {3}
              %DequantizeLinear = DequantizeLinear(%x, %s, _)
              %DequantizeLinear_1 = DequantizeLinear(%b, %s, %z)
              %Add = Add(%DequantizeLinear, %DequantizeLinear_1)
              %y = QuantizeLinear(%Add, %s, _)
              return %y
            }
            """);
    }

    @Test
    void operatorsInFloatStay() {
        Rewrites.stays(QuantizedOperatorRules.SET, "quantized-operator", """
            graph g(%x: u8[n,2]) {
              %s = const f32[] {0.5}
              %z = const u8[] {3}
              %d = DequantizeLinear(%x, %s, %z)
              %a = Add(%d, %d)
              %y = QuantizeLinear(%a, %s, %z)
              return %y
            }
            """);
    }
}
