package dev.tenon.graph.rules.quant;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantRulesTest {
    @Test
    void aPairThatUndoesItselfGoes() {
        Rewrites.becomes(QuantRules.SET, "dequantize-quantize", """
            graph g(%x: u8[2,n]) {
              %s = const f32[2] {0.1, 0.037}
              %z = const u8[2] {128, 3}
              %a = DequantizeLinear<axis=0>(%x, %s, %z)
              %y = QuantizeLinear<axis=0>(%a, %s, %z)
              return out=%y
            }
            """, "graph g(%x: u8[2,n]) { return out=%x }");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            scale or zero point differ | %t = const f32[] {0.2} %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %t, %z)
            scale or zero point differ | %w = const u8[] {4} %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %s, %w)
            another type               | %w = const i8[] {3} %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %s, %w)
            the quotients are f16      | %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear<precision=10>(%a, %s, %z)
            out of range               | %t = const f32[] {0.0} %a = DequantizeLinear(%x, %t, %z) %y = QuantizeLinear(%a, %t, %z)
            out of range               | %t = const f32[] {1.0E-39} %a = DequantizeLinear(%x, %t, %z) %y = QuantizeLinear(%a, %t, %z)
            out of range               | %t = const f32[] {3.0E33} %a = DequantizeLinear(%x, %t, %z) %y = QuantizeLinear(%a, %t, %z)
            scale or zero point differ | %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %s)
            scale or zero point differ | %a = DequantizeLinear(%x, %s) %y = QuantizeLinear(%a, %s, %z)
            scale or zero point differ | %a = DequantizeLinear(%x, %s, %k) %y = QuantizeLinear(%a, %s, %z)
            scale or zero point differ | %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %s, %k)
            scale or zero point differ | %t = const f32[1] {0.1} %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %t, %z)
            scale or zero point differ | %w = const u8[1] {3} %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %s, %w)
            in between are not f32     | %t = const f16[] {0.5} %a = DequantizeLinear(%x, %t, %z) %y = QuantizeLinear<precision=1>(%a, %t, %z)
            in between are not f32     | %a = DequantizeLinear<output_dtype=10>(%x, %s, %z) %y = QuantizeLinear(%a, %s, %z)
            other axes                 | %t = const f32[2] {0.1, 0.2} %a = DequantizeLinear<axis=0>(%v, %t) %y = QuantizeLinear<axis=1>(%a, %t)
            other axes                 | %t = const f32[1] {0.1} %a = DequantizeLinear<block_size=2>(%x, %t) %y = QuantizeLinear(%a, %t)
            other axes                 | %t = const f32[1] {0.1} %a = DequantizeLinear(%x, %t) %y = QuantizeLinear<block_size=2>(%a, %t)
            other axes                 | %t = const f32[1] {0.1} %a = DequantizeLinear<block_size=2>(%x, %t) %y = QuantizeLinear<block_size=2>(%a, %t)
            comes back                 | %a = DequantizeLinear(%f, %s) %y = QuantizeLinear<output_dtype=17>(%a, %s)
            """)
    void othersAreRefused(String reason, String nodes) {
        Rewrites.refuses(
                QuantRules.SET,
                "dequantize-quantize",
                "graph g(%x: u8[n], %k: u8[], %v: u8[2,2], %f: f8e4m3fn[n]) {\n%s = const f32[] {0.1}\n%z = const u8[] {3}\n"
                        + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + "\nreturn %y\n}",
                reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %a = DequantizeLinear(%x, %s) %y = QuantizeLinear(%a, %s)
            %a = DequantizeLinear(%x, %s, %k) %y = QuantizeLinear(%a, %s, %k)
            %w = const u8[] {3} %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear(%a, %s, %w)
            %a = DequantizeLinear<axis=0>(%v, %s, %z) %y = QuantizeLinear<axis=1>(%a, %s, %z)
            %a = DequantizeLinear(%x, %s, %z) %y = QuantizeLinear<precision=1>(%a, %s, %z)
            %t = const f32[2] {0.1, 0.2} %a = DequantizeLinear<axis=0>(%v, %t) %y = QuantizeLinear<axis=0>(%a, %t)
            """)
    void otherPairsThatUndoThemselvesGo(String nodes) {
        Rewrites.fires(
                QuantRules.SET,
                "dequantize-quantize",
                "graph g(%x: u8[n], %k: u8[], %v: u8[2,2]) {\n%s = const f32[] {0.1}\n%z = const u8[] {3}\n"
                        + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + "\nreturn out=%y\n}");
    }

    @Test
    void integersThatAreQuantisedAgainStay() {
        Rewrites.becomes(QuantRules.SET, "quantize-integers", """
            graph g(%x: u8[2,n]) {
              %s = const f32[] {0.1}
              %z = const u8[] {3}
              %f = const f32[] {3}
              %a = Cast<to=1>(%x)
              %b = Sub(%a, %f)
              %c = Mul(%b, %s)
              %y = QuantizeLinear(%c, %s, %z)
              return out=%y
            }
            """, "graph g(%x: u8[2,n]) { return out=%x }");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            scale or zero point differ | %c = Mul(%a, %s) %y = QuantizeLinear(%c, %s, %z)
            another type               | %c = Mul(%a, %s) %w = const i8[] {0} %y = QuantizeLinear(%c, %s, %w)
            the quotients are f16      | %w = const u8[] {0} %c = Mul(%a, %s) %y = QuantizeLinear<precision=10>(%c, %s, %w)
            the shape changes          | %t = const f32[3,1,1] {0.1, 0.1, 0.1} %o = const f32[1,1,1] {0.1} %c = Mul(%a, %o) %y = QuantizeLinear(%c, %s)
            out of range               | %t = const f32[] {0.0} %c = Mul(%a, %t) %y = QuantizeLinear(%c, %t)
            one scale for all          | %t = const f32[2] {1, 2} %c = Mul(%a, %t) %y = QuantizeLinear(%c, %s)
            one scale for all          | %t = const f32[2] {0.1, 0.1} %c = Mul(%a, %s) %y = QuantizeLinear(%c, %t)
            one scale for all          | %t = const f32[1,1] {0.1} %c = Mul(%a, %s) %y = QuantizeLinear<block_size=4>(%c, %t)
            out of range               | %t = const f32[] {3.0E33} %c = Mul(%a, %t) %y = QuantizeLinear(%c, %t)
            scale or zero point differ | %t = const f32[] {0.2} %c = Mul(%a, %t) %y = QuantizeLinear(%c, %s)
            scale or zero point differ | %c = Mul(%a, %s) %y = QuantizeLinear(%c, %s, %k)
            scale or zero point differ | %t = const f32[2] {3, 4} %b = Sub(%a, %t) %c = Mul(%b, %s) %y = QuantizeLinear(%c, %s, %z)
            scale or zero point differ | %t = const f32[2] {3, 4} %b = Sub(%a, %t) %c = Mul(%b, %s) %y = QuantizeLinear(%c, %s)
            scale or zero point differ | %t = const f32[] {4} %b = Sub(%a, %t) %c = Mul(%b, %s) %y = QuantizeLinear(%c, %s, %z)
            scale or zero point differ | %t = const f32[] {3} %b = Sub(%a, %t) %c = Mul(%b, %s) %y = QuantizeLinear(%c, %s)
            comes back                 | %b = Cast<to=1>(%f) %c = Mul(%b, %s) %y = QuantizeLinear<output_dtype=17>(%c, %s)
            comes back                 | %t = const f16[] {0.5} %o = const f32[] {0.5} %b = Cast<to=10>(%x) %c = Mul(%b, %t) %y = QuantizeLinear(%c, %o)
            """)
    void otherIntegersAreRefused(String reason, String nodes) {
        Rewrites.refuses(
                QuantRules.SET,
                "quantize-integers",
                "graph g(%x: u8[n,2], %k: u8[], %f: f8e4m3fn[n]) {\n%s = const f32[] {0.1}\n%z = const u8[] {3}\n%a = Cast<to=1>(%x)\n"
                        + nodes.replace(" %", "\n%").replace("(\n", "(").replace(",\n", ", ") + "\nreturn %y\n}",
                reason);
    }

    @Test
    void theOtherOrderStays() {
        Rewrites.stays(QuantRules.SET, """
            graph g(%x: f32[n]) {
              %s = const f32[] {0.1}
              %z = const u8[] {3}
              %a = QuantizeLinear(%x, %s, %z)
              %y = DequantizeLinear(%a, %s, %z)
              return %y
            }
            """);
    }
}
