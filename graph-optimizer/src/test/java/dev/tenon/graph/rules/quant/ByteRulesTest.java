package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.op.quant.MatMulInteger;
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
    }

    @Test
    void aConvolutionGivesTheSameBytesIfItsBiasIsLeftOut() {
        Graph graph = Graphs.parse(CONVOLUTION.replace("%yz)", "%yz, _)"));
        Graph result = new Rewriter(ByteRules.SET).apply(graph, new RewriteTrace());
        Rewrites.requireEqual(graph, result, Rewrites.random(graph, 1), true);
    }

    @Test
    void anotherConvolutionIsComputedInFloats() {
        Rewrites.fires(
                ByteRules.SET,
                "qlinear-convolution-in-floats",
                CONVOLUTION.replace("QLinearConv(", "QLinearConv<dilations=[2, 2]>("));
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
    }

    @Test
    void anotherSumIsComputedInFloats() {
        Rewrites.fires(ByteRules.SET, "qlinear-sum-in-floats", SUM.replace("%k: u8[n,4]", "%k: u8[4]"));
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
        Graph result = Rewrites.fires(ByteRules.SET, "qlinear-product-of-bytes", PRODUCT);
        assertThat(result.nodes()).anyMatch(n -> n.op() instanceof MatMulInteger);
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
        Graph kept =
                Pipeline.standard(StandardRules.payingWithBytes(type -> true)).simplify(graph, RewriteTrace.none());
        assertThat(kept.nodes()).anyMatch(n -> n.op() instanceof QLinearConv);
        Graph floats = Pipeline.standard(StandardRules.paying(type -> true)).simplify(graph, RewriteTrace.none());
        assertThat(floats.nodes()).noneMatch(n -> n.op() instanceof QLinearConv);
    }
}
