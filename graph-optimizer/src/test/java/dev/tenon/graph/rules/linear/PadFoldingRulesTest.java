package dev.tenon.graph.rules.linear;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PadFoldingRulesTest {
    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n%w = const f32[2,3,1,2] {1, -2, 3, 4, 5, 6, -7, 8, 9, 1, 2, 3}\n"
                + "%t = const f32[3,2,1,2] {1, -2, 3, 4, 5, 6, -7, 8, 9, 1, 2, 3}\n"
                + "%m = const f32[5,2] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}\n"
                + "%b = const f32[2,5] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}\n"
                + "%n = const f32[5,2] {1, Infinity, 3, 4, 5, 6, 7, 8, 9, 10}\n" + nodes.replace("; ", "\n")
                + "\nreturn %y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-pad            | %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, 3}; %a = Pad(%x, %p); %y = Conv<pads=[1, 1, 0, 0]>(%a, %w)
        fold-pad            | %z = const f32[] {0.0}; %i = const i64[1] {-1}; %p = const i64[2] {1, 2}; %a = Pad(%x, %p, %z, %i); %y = Conv<auto_pad="VALID">(%a, %w)
        fold-pad-transposed | %p = const i64[8] {0, 0, 1, 0, 0, 0, 1, 1}; %a = Pad(%x, %p); %y = ConvTranspose<pads=[2, 0, 1, 3], strides=[1, 2]>(%a, %t)
        fold-pad-transposed | %p = const i64[8] {0, 0, 1, 1, 0, 0, 1, 1}; %a = Pad(%x, %p); %y = ConvTranspose<output_padding=[1, 1], pads=[3, 2, 2, 2], strides=[2, 2], dilations=[1, 2]>(%a, %t)
        """)
    void theConvolutionPads(String rule, String nodes) {
        Graph result = Rewrites.fires(PadFoldingRules.SET, rule, graph("%x: f32[n,3,h,4]", nodes));
        assertThat(result.nodes()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %p = const i64[4] {0, 1, 0, 1}; %a = Pad(%v, %p); %y = MatMul(%a, %m)
        %p = const i64[4] {0, 1, 0, 1}; %a = Pad(%v, %p); %y = Gemm<transB=1>(%a, %b)
        %p = const i64[4] {0, 2, 0, 0}; %a = Pad(%v, %p); %y = Gemm(%a, %m)
        %p = const i64[4] {0, 0, 0, 2}; %a = Pad(%v, %p); %c = const f32[2] {1, 2}; %y = Gemm<transB=1>(%a, %b, %c)
        """)
    void theProductLeavesRowsOut(String nodes) {
        Graph result = Rewrites.fires(PadFoldingRules.SET, "fold-pad-product", graph("%v: f32[n,3]", nodes));
        assertThat(result.nodes()).hasSize(1);
    }

    @Test
    void padsAreAttributesOfTheConvolution() {
        Rewrites.becomes(PadFoldingRules.SET, "fold-pad-product", """
            graph g(%x: f32[n,1]) {
              %p = const i64[4] {0, 1, 0, 2}
              %w = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8}
              %a = Pad(%x, %p)
              %y = MatMul(%a, %w)
              return %y
            }
            """, """
            graph g(%x: f32[n,1]) {
              %const = const f32[1,2] {3, 4}
              %y = MatMul(%x, %const)
              return %y
            }
            """);
        Rewrites.becomes(PadFoldingRules.SET, "fold-pad", """
            graph g(%x: f32[1,1,n]) {
              %w = const f32[1,1,3] {1, 2, 3}
              %p = const i64[6] {0, 0, 1, 0, 0, 2}
              %a = Pad(%x, %p)
              %y = Conv<pads=[1, 0], strides=[2]>(%a, %w)
              return %y
            }
            """, """
            graph g(%x: f32[1,1,n]) {
              %w = const f32[1,1,3] {1, 2, 3}
              %y = Conv<pads=[2, 2], strides=[2]>(%x, %w)
              return %y
            }
            """);
        Rewrites.becomes(PadFoldingRules.SET, "fold-pad-transposed", """
            graph g(%x: f32[1,1,n]) {
              %w = const f32[1,1,3] {1, 2, 3}
              %p = const i64[6] {0, 0, 1, 0, 0, 0}
              %a = Pad(%x, %p)
              %y = ConvTranspose<pads=[3, 1], strides=[2]>(%a, %w)
              return %y
            }
            """, """
            graph g(%x: f32[1,1,n]) {
              %w = const f32[1,1,3] {1, 2, 3}
              %y = ConvTranspose<pads=[1, 1], strides=[2]>(%x, %w)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        %p = const i64[4] {0, 1, 0, 1}; %a = Pad<mode="edge">(%v, %p); %y = MatMul(%a, %m)
        %p = const i64[6] {0, 0, 1, 0, 0, 1}; %a = Pad(%q, %p); %s = const f32[5,5,5] {STACK}; %y = MatMul(%a, %s)
        %p = const i64[4] {0, 1, 0, 1}; %a = Pad(%u, %p); %y = MatMul(%a, %m)
        """)
    void otherPadsStay(String nodes) {
        String stack = "1, 2, 3, 4, 5, ".repeat(24) + "6, 7, 8, 9, 0";
        Rewrites.stays(
                PadFoldingRules.SET, graph("%v: f32[n,3], %u: f32[*], %q: f32[5,n,3]", nodes.replace("STACK", stack)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fold-pad            | not 0      | %z = const f32[] {1}; %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, 3}; %a = Pad(%x, %p, %z); %y = Conv(%a, %w)
        fold-pad            | takes      | %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, -1}; %a = Pad(%x, %p); %y = Conv(%a, %w)
        fold-pad            | channels   | %p = const i64[8] {1, 0, 1, 2, 0, 0, 0, 1}; %a = Pad(%x, %p); %y = Conv(%a, %w)
        fold-pad            | channels   | %p = const i64[8] {0, 1, 1, 2, 0, 0, 0, 1}; %a = Pad(%c, %p); %u = const f32[1,4,1,1] {1, 2, 3, 4}; %y = Conv(%a, %u)
        fold-pad            | channels   | %p = const i64[8] {0, 0, 1, 2, 1, 0, 0, 1}; %a = Pad(%x, %p); %y = Conv(%a, %w)
        fold-pad            | channels   | %p = const i64[8] {0, 0, 1, 2, 0, 1, 0, 1}; %a = Pad(%c, %p); %u = const f32[1,4,1,1] {1, 2, 3, 4}; %y = Conv(%a, %u)
        fold-pad            | follows    | %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, 1}; %a = Pad(%x, %p); %y = Conv<auto_pad="SAME_UPPER">(%a, %w)
        fold-pad            | not finite | %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, 1}; %a = Pad(%x, %p); %i = const f32[1,3,1,1] {1, Infinity, 2}; %y = Conv(%a, %i)
        fold-pad            | are computed | %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, 1}; %a = Pad(%x, %p); %i = Neg(%w); %y = Conv(%a, %i)
        fold-pad-transposed | not finite | %p = const i64[8] {0, 0, 1, 0, 0, 0, 0, 0}; %a = Pad(%x, %p); %i = const f32[3,1,1,1] {1, Infinity, 2}; %y = ConvTranspose<pads=[1, 0, 0, 0]>(%a, %i)
        fold-pad            | used 2     | %p = const i64[8] {0, 0, 1, 2, 0, 0, 0, 1}; %a = Pad(%x, %p); %y = Conv(%a, %w); %e = Neg(%a)
        fold-pad-transposed | into the result | %p = const i64[8] {0, 0, 1, 0, 0, 0, 0, 0}; %a = Pad(%x, %p); %y = ConvTranspose<pads=[1, 0, 0, 0], strides=[2, 1]>(%a, %t)
        fold-pad-transposed | is given   | %p = const i64[8] {0, 0, 1, 0, 0, 0, 0, 0}; %a = Pad(%x, %p); %y = ConvTranspose<output_shape=[5, 5]>(%a, %t)
        fold-pad-transposed | channels   | %p = const i64[8] {0, 0, 1, 0, 1, 0, 0, 0}; %a = Pad(%x, %p); %y = ConvTranspose<pads=[1, 0, 0, 0]>(%a, %t)
        fold-pad-product    | pads rows  | %p = const i64[4] {1, 1, 0, 1}; %a = Pad(%v, %p); %y = MatMul(%a, %m)
        fold-pad-product    | not finite | %p = const i64[4] {0, 1, 0, 1}; %a = Pad(%v, %p); %y = MatMul(%a, %n)
        fold-pad-product    | transposes | %p = const i64[4] {0, 1, 0, 1}; %a = Pad(%f, %p); %y = Gemm<transA=1>(%a, %m)
        fold-pad-product    | shared     | %p = const i64[4] {0, 1, 0, 1}; %a = Pad(%v, %p); %d = MatMul(%a, %m); %k = ReduceMax(%m); %y = Add(%d, %k)
        """)
    void othersStay(String rule, String reason, String nodes) {
        String text = graph("%x: f32[n,3,5,4], %v: f32[n,3], %f: f32[5,3], %c: f32[n,k,5,4]", nodes);
        text = nodes.contains("%e = ") ? text.replace("return %y", "return %y, %e") : text;
        Rewrites.refuses(PadFoldingRules.SET, rule, text, reason);
    }
}
