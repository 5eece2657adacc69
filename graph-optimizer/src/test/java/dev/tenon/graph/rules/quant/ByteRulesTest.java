package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.quant.QLinearConv;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteRulesTest {
    private static final String CONVOLUTION = """
            graph g(%x: u8[n,1,9,9]) {
              %xs = const f32[] {0.1}
              %xz = const u8[] {128}
              %w = const i8[4,1,1,3] {1, -2, 3, 100, 7, -128, 3, 4, 5, 6, 7, 8}
              %ws = const f32[] {0.02}
              %wz = const i8[] {0}
              %ys = const f32[] {0.3}
              %yz = const u8[] {100}
              %y = QLinearConv(%x, %xs, %xz, %w, %ws, %wz, %ys, %yz)
              return %y
            }
            """;

    @Test
    void aConvolutionThatAKernelTakesStays() {
        Rewrites.stays(ByteRules.SET, CONVOLUTION);
        Rewrites.stays(ByteRules.SET, "qlinear-convolution-in-floats", CONVOLUTION);
    }

    @Test
    void aConvolutionGivesTheSameBytesIfItsBiasIsLeftOut() {
        Graph graph = Graphs.parse(CONVOLUTION.replace("%yz)", "%yz, _)"));
        Graph result = new Rewriter(ByteRules.SET).apply(graph, new RewriteTrace());
        Rewrites.requireEqual(graph, result, Rewrites.random(graph, 1), true);
    }

    @Test
    void anotherConvolutionIsComputedInFloats() {
        Rewrites.becomes(
                ByteRules.SET,
                "qlinear-convolution-in-floats",
                CONVOLUTION.replace("QLinearConv(", "QLinearConv<dilations=[2, 2]>("),
                """
                graph g(%x: u8[n,1,9,9]) {
                  %const_1 = const f32[] {1.0}
                  %xz = const u8[] {128}
                  %const = const f32[4,1,1,3] {1.0, -2.0, 3.0, 100.0, 7.0, -128.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}
                  %const_2 = const f32[] {0.006666667}
                  %const_3 = const f32[] {1.0}
                  %yz = const u8[] {100}
                  %DequantizeLinear: f32[n,1,9,9] = DequantizeLinear(%x, %const_1, %xz)
                  %Conv: f32[n,4,9,5] = Conv<dilations=[2, 2]>(%DequantizeLinear, %const)
                  %Mul: f32[n,4,9,5] = Mul(%Conv, %const_2)
                  %y: u8[n,4,9,5] = QuantizeLinear(%Mul, %const_3, %yz)
                  return %y
                }
                """);
        Rewrites.fires(
                ByteRules.SET,
                "qlinear-convolution-in-floats",
                CONVOLUTION.replace("i8[4,1,1,3] {1, -2, 3, ", "i8[3,1,1,3] {").replace("[n,1,9,9]", "[n,1,2,3]"));
    }

    private static final String SUM = """
            graph g(%x: u8[n,4], %k: u8[n,4]) {
              %xs = const f32[] {0.1}
              %xz = const u8[] {128}
              %ys = const f32[] {0.3}
              %y = com.microsoft.QLinearAdd(%x, %xs, %xz, %k, %ys, %xz, %ys, %xz)
              return %y
            }
            """;

    @Test
    void aSumOfEqualShapesStays() {
        Rewrites.stays(ByteRules.SET, SUM);
        Rewrites.stays(ByteRules.SET, "qlinear-sum-in-floats", SUM);
    }

    @Test
    void anotherSumIsComputedInFloats() {
        Rewrites.becomes(ByteRules.SET, "qlinear-sum-in-floats", SUM.replace("%k: u8[n,4]", "%k: u8[4]"), """
                graph g(%x: u8[n,4], %k: u8[4]) {
                  %xs = const f32[] {0.1}
                  %ys = const f32[] {0.3}
                  %const = const f32[] {1.0}
                  %xz = const u8[] {128}
                  %const_1 = const f32[] {128.0}
                  %const_2 = const f32[] {1.0}
                  %const_3 = const f32[] {128.0}
                  %const_4 = const f32[] {1.0}
                  %Div: f32[] = Div(%xs, %ys)
                  %DequantizeLinear: f32[n,4] = DequantizeLinear(%x, %const, %xz)
                  %Add: f32[n,4] = Add(%DequantizeLinear, %const_1)
                  %Mul: f32[n,4] = Mul(%Add, %Div)
                  %Cast: f32[] = Cast<to=1>(%xz)
                  %Mul_1: f32[] = Mul(%Div, %Cast)
                  %Div_1: f32[] = Div(%ys, %ys)
                  %DequantizeLinear_1: f32[4] = DequantizeLinear(%k, %const_2, %xz)
                  %Add_1: f32[4] = Add(%DequantizeLinear_1, %const_3)
                  %Mul_2: f32[4] = Mul(%Add_1, %Div_1)
                  %Cast_1: f32[] = Cast<to=1>(%xz)
                  %Mul_3: f32[] = Mul(%Div_1, %Cast_1)
                  %Add_2: f32[] = Add(%Mul_1, %Mul_3)
                  %Cast_2: f32[] = Cast<to=1>(%xz)
                  %Sub: f32[] = Sub(%Cast_2, %Add_2)
                  %Add_3: f32[4] = Add(%Mul_2, %Sub)
                  %Add_4: f32[n,4] = Add(%Mul, %Add_3)
                  %y: u8[n,4] = QuantizeLinear<output_dtype=2>(%Add_4, %const_4)
                  return %y
                }
                """);
    }

    private static final String PRODUCT = """
            graph g(%x: i8[n,3]) {
              %xs = const f32[] {0.1}
              %xz = const i8[1] {-5}
              %w = const u8[3,2] {1, 2, 3, 200, 7, 128}
              %ws = const f32[2] {0.02, 0.5}
              %wz = const u8[2] {128, 3}
              %ys = const f32[1] {0.03}
              %yz = const i8[] {1}
              %y = QLinearMatMul(%x, %xs, %xz, %w, %ws, %wz, %ys, %yz)
              return %y
            }
            """;

    @Test
    void aProductIsOneOfIntegers() {
        Rewrites.becomes(ByteRules.SET, "qlinear-product-of-bytes", PRODUCT, """
                graph g(%x: i8[n,3]) {
                  %w = const u8[3,2] {1, 2, 3, 200, 7, 128}
                  %const = const i8[] {-5}
                  %wz = const u8[2] {128, 3}
                  %const_1 = const f32[2] {0.06666667, 1.6666667}
                  %const_2 = const f32[] {1.0}
                  %yz = const i8[] {1}
                  %MatMulInteger: i32[n,2] = MatMulInteger(%x, %w, %const, %wz)
                  %Cast: f32[n,2] = Cast<to=1>(%MatMulInteger)
                  %Mul: f32[n,2] = Mul(%Cast, %const_1)
                  %y: i8[n,2] = QuantizeLinear(%Mul, %const_2, %yz)
                  return %y
                }
                """);
    }

    @Test
    void aProductByAScaleThatIsComputedStays() {
        Rewrites.refuses(
                ByteRules.SET,
                "qlinear-product-of-bytes",
                PRODUCT.replace("%x: i8[n,3]", "%x: i8[n,3], %ys: f32[]").replace("%ys = const f32[1] {0.03}\n", ""),
                "input 6 is not constant");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            i8[n,3] | i8[1] {-5}
            u8[3,2] | u8[2] {128, 3}
            none    | i8[] {1}
            """)
    void productsOfFloatsStay(String operand, String zero) {
        String text = PRODUCT.replace(operand, operand.replaceFirst("[iu]8", "f8e4m3fn"))
                .replace(zero, zero.replaceFirst("[iu]8", "f8e4m3fn"));
        Rewrites.refuses(ByteRules.SET, "qlinear-product-of-bytes", text, "the operands are floats");
    }

    /** Scales of one element may have more dimensions than the result. */
    @Test
    void dimensionsOfParametersAreDropped() {
        Rewrites.fires(
                ByteRules.SET,
                "qlinear-product-of-bytes",
                PRODUCT.replace("i8[n,3]", "i8[3]").replace("f32[2] {0.02, 0.5}", "f32[1,1] {0.02}"));
    }

    @ParameterizedTest
    @CsvSource({
        "'f32[] {0.1}', 'f32[3] {0.1, 0.2, 0.3}'",
        "'i8[1] {-5}', 'i8[3] {-5, -4, -3}'",
        "'f32[1] {0.03}', 'f32[3] {0.03, 0.02, 0.01}'",
        "'u8[3,2] {1, 2, 3, 200, 7, 128}', 'u8[1,3,2] {1, 2, 3, 200, 7, 128}'"
    })
    void parametersOfRowsAndStacksOfWeightsStay(String from, String to) {
        Rewrites.stays(
                ByteRules.SET,
                PRODUCT.replace("%x: i8[n,3]", "%x: i8[3,3]")
                        .replace("f32[2] {0.02, 0.5}", "f32[] {0.02}")
                        .replace("u8[2] {128, 3}", "u8[] {128}")
                        .replace(from, to));
    }

    @Test
    void theRulesOfAMachineWithDotProductsKeepConvolutions() {
        Graph graph = Graphs.parse(CONVOLUTION);
        Graph kept = Pipeline.standard(StandardRules.BYTES.paying(type -> true)).simplify(graph, RewriteTrace.none());
        assertThat(kept.nodes()).anyMatch(n -> n.op() instanceof QLinearConv);
        Graph floats =
                Pipeline.standard(StandardRules.FLOATS.paying(type -> true)).simplify(graph, RewriteTrace.none());
        assertThat(floats.nodes()).noneMatch(n -> n.op() instanceof QLinearConv);
    }
}
