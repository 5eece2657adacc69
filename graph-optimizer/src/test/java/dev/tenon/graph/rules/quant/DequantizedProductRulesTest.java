package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of dequantised operands with results in float. Scales are powers of two, so that floats are exact. */
class DequantizedProductRulesTest {
    private static final String OPERANDS = """
        %s = const f32[] {0.5}
        %z = const u8[] {128}
        %w = const i8[3,2] {1, -2, 3, 100, 7, -128}
        %ws = const f32[2] {0.25, 0.5}
        %wz = const i8[2] {0, 1}
        %b = const f32[2] {3, -4}
        %dx = DequantizeLinear(%x, %s, %z)
        %dw = DequantizeLinear<axis=1>(%w, %ws, %wz)
        """;

    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n" + OPERANDS + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @Test
    void aProductIsOneOfIntegersThatAreScaled() {
        Rewrites.becomes(
                DequantizedProductRules.SET, "dequantised-product", graph("%x: u8[n,3]", "%y = MatMul(%dx, %dw)"), """
                graph g(%x: u8[n,3]) {
                  %const = const i8[3,2] {1, -2, 3, 100, 7, -128}
                  %const_1 = const u8[] {128}
                  %const_2 = const i8[2] {0, 1}
                  %const_3 = const f32[2] {0.125, 0.25}
                  %MatMulInteger: i32[n,2] = MatMulInteger(%x, %const, %const_1, %const_2)
                  %Cast: f32[n,2] = Cast<to=1>(%MatMulInteger)
                  %y: f32[n,2] = Mul(%Cast, %const_3)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %x: u8[2,n,3] | %c = MatMul(%dx, %dw); %y = Add(%c, %b) | MatMulInteger, Cast, Mul, Add
            %x: u8[n,3]   | %y = Gemm(%dx, %dw, %b)          | MatMulInteger, Cast, Mul, Add
            %x: u8[n,3]   | %y = Gemm(%dx, %dw)              | MatMulInteger, Cast, Mul
            %x: u8[n,3]   | %y = Gemm<beta=2.0f>(%dx, %dw)   | MatMulInteger, Cast, Mul
            """)
    void becomesAProductOfIntegers(String inputs, String nodes, String operators) {
        Graph result = Rewrites.fires(DequantizedProductRules.SET, "dequantised-product", graph(inputs, nodes));
        assertThat(String.join(
                        ", ",
                        result.nodes().stream().map(n -> n.op().schema().name()).toList()))
                .isEqualTo(operators);
    }

    @Test
    void weightsMayHaveFewerBitsOrBeTransposed() {
        Rewrites.fires(
                DequantizedProductRules.SET,
                "dequantised-product",
                graph(
                        "%x: u8[n,3]",
                        "%v = const i4[2,3] {1, -2, 7, -8, 0, 3}; %dv = DequantizeLinear<axis=0>(%v, %ws);"
                                + " %y = Gemm<transB=1>(%dx, %dv, %b)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a vector            | %x: u8[3]               | %y = MatMul(%dx, %dw)
            a factor            | %x: u8[n,3]             | %y = Gemm<alpha=2.0f>(%dx, %dw)
            a factor of a bias  | %x: u8[n,3]             | %y = Gemm<beta=2.0f>(%dx, %dw, %b)
            turned rows         | %x: u8[3,n]             | %y = Gemm<transA=1>(%dx, %dw)
            a stack of weights  | %x: u8[n,3]             | %v = const i8[1,3,1] {1, 2, 3}; %dv = DequantizeLinear(%v, %s); %y = MatMul(%dx, %dv)
            rows of floats      | %x: u8[3,2], %f: f32[n,3] | %y = MatMul(%f, %dw)
            weights of floats   | %x: u8[n,3]             | %v = const f32[3,1] {1, 2, 3}; %y = MatMul(%dx, %v)
            computed weights    | %x: u8[n,3], %k: i8[3,2] | %v = DequantizeLinear(%k, %s); %y = MatMul(%dx, %v)
            """)
    void othersStay(String what, String inputs, String nodes) {
        Rewrites.stays(DequantizedProductRules.SET, "dequantised-product", graph(inputs, nodes));
    }
}
