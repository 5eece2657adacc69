package dev.tenon.graph.rules.quant;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void aZeroPointThatIsLeftOutIsOneOfBytes() {
        Rewrites.becomes(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum("%o, %xs, _, %c, %ys, %yz").replace("%cs, %yz)", "%cs)"),
                """
                graph g(%x: u8[2,5,2], %o: u8[2,5,16]) {
                  %xs = const f32[] {0.1}
                  %xz = const u8[] {128}
                  %w = const i8[16,2,1] {WEIGHTS}
                  %wz = const i8[] {0}
                  %ys = const f32[] {0.3}
                  %yz = const u8[] {100}
                  %const = const u8[] {0}
                  %cs = const f32[] {0.4}
                  %const_1 = const u8[] {0}
                  %y = dev.tenon.QuantizedConvSum(%x, %xs, %xz, %w, %xs, %wz, %ys, %yz, _, %o, %xs, %const, %cs, %const_1)
                  return %y
                }
                """.replace("WEIGHTS", "1, -2, 3, 100, 7, -128, 5, 6, ".repeat(3) + "7, 8, 9, -10, 11, 12, 13, 14"));
    }

    @Test
    void aZeroPointOfZeroMayBeLeftOut() {
        Rewrites.fires(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum("%c, %ys, _, %o, %xs, %xz").replace("%yz = const u8[] {100}", "%yz = const u8[] {0}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a computed scale of the convolution | %ys = const f32[] {0.3}  | , %ys: f32[] | %o, %xs, %xz, %c, %xs, %yz
            a computed scale of the sum         | none                     | , %k: f32[]  | %o, %xs, %xz, %c, %k, %yz
            a computed zero of the convolution  | %yz = const u8[] {100}   | , %yz: u8[]  | %o, %xs, %xz, %c, %ys, %xz
            a computed zero of the sum          | none                     | , %k: u8[]   | %o, %xs, %xz, %c, %ys, %k
            """)
    void numbersThatAreComputedStay(String what, String constant, String input, String operands) {
        Rewrites.refuses(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum(operands).replace(constant + "\n", "").replace(") {", input + ") {"),
                "takes the bytes for other numbers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%o, %k, %xz, %c, %ys, %yz", "%o, %xs, %t, %c, %ys, %yz"})
    void theOtherBytesNeedConstantNumbers(String operands) {
        Rewrites.refuses(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum(operands).replace(") {", ", %k: f32[], %t: u8[]) {"),
                "not constant");
    }

    /** The bytes of one operand come from something else. The second operand is no convolution either. */
    @ParameterizedTest
    @ValueSource(strings = {"%p = Max(%o)", "%p = dev.tenon.ChannelsLast<op=\"MaxPool\", kernel_shape=[1]>(%o)"})
    void sumsOfOtherOperatorsStay(String node) {
        Rewrites.refuses(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum("%p, %ys, %yz, %o, %xs, %xz").replace("%c = ", node + "\n%c = "),
                "no operand is a convolution");
    }

    /** No kernel takes the first convolution, whose group is not the only one, but one takes the second. */
    @Test
    void theConvolutionWithAKernelIsJoined() {
        String text = sum("%d, %ys, %yz, %c, %ys, %yz")
                .replace(
                        "%c = ",
                        "%v = const i8[16,1,1] {1, -2, 3, 100, 7, -128, 5, 6, 1, -2, 3, 100, 7, -128, 5, 6}\n"
                                + "%d = dev.tenon.ChannelsLast<op=\"QLinearConv\", group=2>"
                                + "(%x, %xs, %xz, %v, %xs, %wz, %ys, %yz)\n%c = ");
        Rewrites.fires(ByteSumRules.SET, "convolution-and-sum", text);
        Rewrites.refuses(
                ByteSumRules.SET,
                "convolution-and-sum",
                text.replace("%c, %ys, %yz, %cs", "%o, %ys, %yz, %cs"),
                "several groups");
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

    @ParameterizedTest
    @ValueSource(strings = {"%c, %ys, %yz, %o, %xs, %xz", "%o, %xs, %xz, %c, %ys, %yz"})
    void channelsThatNoKernelTakesStay(String operands) {
        Rewrites.refuses(
                ByteSumRules.SET,
                "convolution-and-sum",
                sum(operands)
                        .replace("i8[16,2,1]", "i8[8,4,1]")
                        .replace("u8[2,5,16]", "u8[2,5,8]")
                        .replace("u8[2,5,2]", "u8[2,5,4]"),
                "no multiple of 16");
    }
}
