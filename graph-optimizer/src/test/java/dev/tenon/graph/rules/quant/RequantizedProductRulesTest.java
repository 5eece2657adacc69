package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.LayoutAssignment;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.quant.QuantizeLinear;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequantizedProductRulesTest {
    private static final String PRODUCT = """
            graph g(%x: u8[n,3]) {
              %xz = const u8[] {128}
              %w = const i8[3,4] {1, -2, 3, 100, 7, -100, 5, 6, 7, 8, 9, -10}
              %wz = const i8[4] {0, 1, 0, 2}
              %b = const i32[4] {50, -700, 3, 4}
              %f = const f32[4] {0.02, 0.03, 0.25, 0.4}
              %one = const f32[] {1}
              %yz = const u8[] {100}
              %p = MatMulInteger(%x, %w, %xz, %wz)
              %s = Add(%p, %b)
              %c = Cast<to=1>(%s)
              %m = Mul(%c, %f)
              %y = QuantizeLinear(%m, %one, %yz)
              return %y
            }
            """;

    @Test
    void aProductThatIsRequantisedIsAConvolution() {
        Rewrites.becomes(RequantizedProductRules.SET, "requantized-product", PRODUCT, """
            graph g(%x: u8[n,3]) {
              %const = const i64[1] {0}
              %const_1 = const f32[] {1.0}
              %const_2 = const u8[] {128}
              %const_3 = const i8[4,3,1] {1, 7, 7, -2, -100, 8, 3, 5, 9, 100, 6, -10}
              %const_4 = const f32[4] {0.02, 0.03, 0.25, 0.4}
              %const_5 = const i8[4] {0, 1, 0, 2}
              %const_6 = const f32[] {1.0}
              %const_7 = const u8[] {100}
              %const_8 = const i32[4] {50, -700, 3, 4}
              %Unsqueeze = Unsqueeze(%x, %const)
              %ChannelsLast = dev.tenon.ChannelsLast<op="QLinearConv">(%Unsqueeze, %const_1, %const_2, %const_3, %const_4, %const_5, %const_6, %const_7, %const_8)
              %y = Squeeze(%ChannelsLast, %const)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %x: u8[n,3]                    | %x: u8[n,5,3]
            %x: u8[n,3]                    | %x: u8[n,2,m,3]
            f32[4] {0.02, 0.03, 0.25, 0.4} | f32[] {0.03}
            i32[4] {50, -700, 3, 4}        | i32[1] {50}
            i32[4] {50, -700, 3, 4}        | i32[4] {2147483647, -2147483648, 2147480000, 7}
            %y = QuantizeLinear(           | %y = QuantizeLinear<precision=1>(
            const u8[] {100}               | const i8[] {-3}
            (%m, %one, %yz)                | (%m, %one)
            Add(%p, %b)                    | Add(%b, %p)
            Mul(%c, %f)                    | Mul(%f, %c)
            (%x, %w, %xz, %wz)             | (%x, %w)
            (%x, %w, %xz, %wz)             | (%x, %w, %xz)
            Cast<to=1>(%s)                 | Cast<to=1>(%p)
            f32[4] {0.02, 0.03, 0.25, 0.4} | f32[1,4] {0.02, 0.03, 0.25, 0.4}
            i8[4] {0, 1, 0, 2}             | i8[] {1}
            """)
    void manyFormsGiveTheSameBits(String from, String to) {
        Rewrites.fires(RequantizedProductRules.SET, "requantized-product", PRODUCT.replace(from, to));
    }

    /** Kernels take four columns at a time. Others are added, and dropped at the end. */
    @Test
    void columnsThatAreMissingAreAdded() {
        String five = PRODUCT.replace("[3,4] {1, -2, 3, 100,", "[3,5] {1, -2, 3, 100, 4, 5, 6,")
                .replace("{0, 1, 0, 2}", "{0, 1, 0, 2, 3}")
                .replace("[4] {50,", "[5] {1, 50,")
                .replace("i8[4]", "i8[5]")
                .replace("f32[4] {", "f32[5] {0.7, ");
        Rewrites.fires(RequantizedProductRules.SET, "requantized-product", five);
        Rewrites.fires(
                RequantizedProductRules.SET, "requantized-product", five.replace("%x: u8[n,3]", "%x: u8[n,2,3]"));
        // Weights that are added are bytes less their zero point, too: those of one zero point for all are equal to it.
        Rewrites.fires(
                RequantizedProductRules.SET,
                "requantized-product",
                five.replace("const i8[5] {0, 1, 0, 2, 3}", "const i8[] {-128}")
                        .replaceFirst(
                                "i8\\[3,5] \\{[^}]*}",
                                "i8[3,5] {" + "-128, -2, -1, -100, -7, ".repeat(2) + "-1, -2, -3, -4, -128}"));
        Rewrites.fires(
                RequantizedProductRules.SET,
                "requantized-product",
                five.replace("const i8[5] {0, 1, 0, 2, 3}", "const u8[5] {200, 100, 0, 2, 3}")
                        .replaceFirst(
                                "i8\\[3,5] \\{[^}]*}",
                                "u8[3,5] {" + "200, 90, 100, 7, 3, ".repeat(2) + "255, 1, 2, 3, 4}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reads sums        | return %y                  | return %y, more=%c
            no product        | MatMulInteger(%x, %w, %xz, %wz) | Cast<to=6>(%d)
            one parameter     | f32[4] {0.02, 0.03, 0.25, 0.4} | f32[2,3,4] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3}
            no signed byte    | i8[4] {0, 1, 0, 2}         | i8[4] {0, 100, 0, 2}
            a computed bias   | Add(%p, %b)                | Add(%k, %p)
            scales of columns | f32[] {1}                  | f32[4] {1, 1, 1, 1}
            a scale of 16 bits | f32[] {1}                 | f16[] {1}
            """)
    void othersStay(String reason, String from, String to) {
        String text = PRODUCT.replace(from, to);
        if (reason.equals("scales of columns")) {
            text = text.replace("(%m, %one, %yz)", "(%m, %one)");
        }
        text = text.replace("%x: u8[n,3]", "%x: u8[n,3], %d: f32[n,4], %k: i32[4]");
        Rewrites.stays(RequantizedProductRules.SET, text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            no signed byte        | i8[4] {0, 1, 0, 2}             | i8[4] {0, 100, 0, 2}
            bytes with one scale  | const u8[] {100}               | const i16[] {100}
            bytes with one scale  | QuantizeLinear(                | QuantizeLinear<precision=10>(
            does not scale sums   | Mul(%c, %f)                    | Mul(%c, %h)
            scales no sums        | Add(%p, %b)                    | Add(%k, %p)
            no product of rows    | %x: u8[n,3]                    | %x: u8[3]
            no product of rows    | %x: u8[n,3]                    | %x: u8[n,2,2,2,3]
            no product of rows    | i8[3,4] {                      | i8[1,3,4] {
            no product of rows    | MatMulInteger(%x, %w, %xz, %wz) | MatMulInteger(%x, %v)
            no product of rows    | i8[3,4] {1, -2, 3, 100, 7, -100, 5, 6, 7, 8, 9, -10} | i8[0,4] {}
            zero point is not one | MatMulInteger(%x, %w, %xz, %wz) | MatMulInteger(%x, %w, %z, %wz)
            zero point is not one | (%m, %one, %yz)                | (%m, %one, %z)
            zero points of the weights | MatMulInteger(%x, %w, %xz, %wz) | MatMulInteger(%x, %w, %xz, %o)
            one for each          | f32[4] {0.02, 0.03, 0.25, 0.4} | f32[4,1] {0.02, 0.03, 0.25, 0.4}
            one for each          | f32[4] {0.02, 0.03, 0.25, 0.4} | f32[2,4] {1, 2, 3, 4, 5, 6, 7, 8}
            one for each          | f32[4] {0.02, 0.03, 0.25, 0.4} | f32[1,1,1] {0.02}
            one for each          | f32[4] {0.02, 0.03, 0.25, 0.4} | f32[1,1,4] {0.02, 0.03, 0.25, 0.4}
            one for each          | i32[4] {50, -700, 3, 4}        | i32[4,1] {50, -700, 3, 4}
            """)
    void theReasonsAreTold(String reason, String from, String to) {
        String text = PRODUCT.replace(from, to);
        if (to.equals("i8[0,4] {}")) {
            text = text.replace("u8[n,3]", "u8[n,0]");
        }
        if (reason.equals("zero points of the weights")) {
            text = text.replace("%x: u8[n,3]", "%x: u8[n,3], %o: i8[4]");
        }
        if (to.startsWith("i8[1,3,4]")) {
            text = text.replace("i8[4] {0, 1, 0, 2}", "i8[] {1}");
        }
        if (to.startsWith("f32[4,1]") || to.startsWith("i32[4,1]")) {
            text = text.replace("u8[n,3]", "u8[4,3]");
        }
        if (to.startsWith("f32[2,4]")) {
            text = text.replace("u8[n,3]", "u8[2,3]");
        }
        text = text.replaceFirst("\\) \\{", ", %k: i32[4], %v: i8[3,4], %z: u8[], %h: f32[]) {");
        Rewrites.refuses(RequantizedProductRules.SET, "requantized-product", text, reason);
    }

    @Test
    void sumsThatAreScaledInHalfPrecisionStay() {
        Rewrites.refuses(
                RequantizedProductRules.SET,
                "requantized-product",
                PRODUCT.replace("Cast<to=1>", "Cast<to=10>").replace("f32[4]", "f16[4]"),
                "does not scale sums");
    }

    /** The standard's operator and its QDQ form end as one operator of bytes. */
    @Test
    void quantisedProductsStayInBytes() {
        String text = """
            graph g(%x: u8[n,3]) {
              %xs = const f32[] {0.1}
              %xz = const u8[] {128}
              %w = const i8[3,4] {1, -2, 3, 100, 7, -100, 5, 6, 7, 8, 9, -10}
              %ws = const f32[] {0.02}
              %wz = const i8[] {0}
              %ys = const f32[] {0.3}
              %y = QLinearMatMul(%x, %xs, %xz, %w, %ws, %wz, %ys, %xz)
              return %y
            }
            """;
        Graph result = Pipeline.standard(StandardRules.BYTES.paying(type -> true))
                .withLayouts(Set.of(LayoutAssignment.Gain.VECTORS, LayoutAssignment.Gain.BYTES))
                .apply(Graphs.parse(text));
        assertThat(result.nodes()).anyMatch(n -> n.op() instanceof ChannelsLast);
        assertThat(result.nodes()).noneMatch(n -> n.op() instanceof QuantizeLinear);
    }
}
