package dev.tenon.graph.rules.quant;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteSumRulesTest {
    private static final String SUM =
            """
            graph g(%x: u8[2,5,2], %o: u8[2,5,16]) {
              %xs = const f32[] {0.1}
              %xz = const u8[] {128}
              %w = const i8[16,2,1] {WEIGHTS}
              %wz = const i8[] {0}
              %ys = const f32[] {0.3}
              %yz = const u8[] {100}
              %cs = const f32[] {0.4}
              %c = dev.tenon.ChannelsLast<op="QLinearConv">(%x, %xs, %xz, %w, %xs, %wz, %ys, %yz)
              %y = com.microsoft.QLinearAdd(OPERANDS, %cs, %yz)
              return %y
            }
            """.replace("WEIGHTS", "1, -2, 3, 100, 7, -128, 5, 6, ".repeat(3) + "7, 8, 9, -10, 11, 12, 13, 14");

    private static String sum(String operands) {
        return SUM.replace("OPERANDS", operands);
    }

    @Test
    void aSumJoinsItsConvolution() {
        Rewrites.becomes(ByteSumRules.SET, "convolution-and-sum", sum("%c, %ys, %yz, %o, %xs, %xz"), """
            graph g(%x: u8[2,5,2], %o: u8[2,5,16]) {
              %xs = const f32[] {0.1}
              %xz = const u8[] {128}
              %w = const i8[16,2,1] {WEIGHTS}
              %wz = const i8[] {0}
              %ys = const f32[] {0.3}
              %yz = const u8[] {100}
              %cs = const f32[] {0.4}
              %y = dev.tenon.QuantizedConvSum<first=1>(%x, %xs, %xz, %w, %xs, %wz, %ys, %yz, _, %o, %xs, %xz, %cs, %yz)
              return %y
            }
            """.replace(
                        "WEIGHTS", "1, -2, 3, 100, 7, -128, 5, 6, ".repeat(3) + "7, 8, 9, -10, 11, 12, 13, 14"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %o, %xs, %xz, %c, %ys, %yz
            %o, %xs, _, %c, %ys, %yz
            """)
    void theConvolutionMayBeTheSecondOperand(String operands) {
        Rewrites.fires(ByteSumRules.SET, "convolution-and-sum", sum(operands));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            other numbers | %c, %xs, %yz, %o, %xs, %xz
            other numbers | %c, %ys, %xz, %o, %xs, %xz
            nothing else  | %c, %ys, %yz, %c, %ys, %yz
            nothing else  | %o, %ys, %yz, %o, %ys, %yz
            """)
    void othersStay(String reason, String operands) {
        Rewrites.stays(ByteSumRules.SET, "convolution-and-sum", sum(operands));
    }

    @Test
    void channelsThatNoKernelTakesStay() {
        Rewrites.refuses(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum("%c, %ys, %yz, %o, %xs, %xz")
                        .replace("i8[16,2,1]", "i8[8,4,1]")
                        .replace("u8[2,5,16]", "u8[2,5,8]")
                        .replace("u8[2,5,2]", "u8[2,5,4]"),
                "no multiple of 16");
    }
}
