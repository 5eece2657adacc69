package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Constants;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolutions of bytes whose sums are too large for float32, or wrap around in int32. */
class FloatSumsTest {
    @Test
    void productsNextToAFarLargerBiasDoNotMatter() {
        Rewrites.fires(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("{50, -700}", "{50, -2000000000}")
                        .replace("{0.02, 0.07}", "{0.02, 1.0E-9}"));
    }

    @Test
    void aLargeBiasIsAddedToIntegers() {
        Graph result = Rewrites.fires(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("{50, -700}", "{50, -16875000}")
                        .replace("0.07}", "2.0E-5}")
                        .replace("{100}", "{200}"));
        assertThat(result.nodes()).anyMatch(n -> n.op() instanceof Add);
    }

    /** A bias so large that int32 wraps around makes a step of the result: it depends on the sign of the sum alone. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -2147483648 | 1.0E-9 | 200
            2147483647  | 1.0E-9 | 200
            -2147483648 | 0.5    | 100
            2147483647  | 0.5    | 100
            -2147483600 | 1.0E-9 | 0
            2147483600  | 1.0E-9 | 255
            """)
    void aBiasThatWrapsAroundMakesAStep(String bias, String scale, String zero) {
        String text = FakeQuantRulesTest.CONVOLUTION
                .replace("{50, -700}", "{50, " + bias + "}")
                .replace("0.07}", scale + "}")
                .replace("100, 7, -128}", "1, 0, -1}")
                .replace("u8[] {100}", "u8[] {" + zero + "}");
        Graph result = Rewrites.fires(FakeQuantRules.SET, "qlinear-convolution", text);
        assertThat(result.nodes()).noneMatch(n -> n.op() instanceof Add);
        Graph graph = Graphs.parse(text);
        // All sums around those that wrap.
        Tensor x = Tensor.allocate(DType.UINT8, 256, 1, 4);
        for (int i = 0; i < 256; i++) {
            for (int j = 0; j < 4; j++) {
                x.setLong(4L * i + j, j < 2 ? 128 : i);
            }
        }
        assertThat(((Tensor) Graphs.run(result, x).getFirst()).toLongArray())
                .isEqualTo(((Tensor) Graphs.run(graph, x).getFirst()).toLongArray());
    }

    /** The sums wrap around, and on one side of that they give two bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"100", "155"})
    void aResultThatWrapsAroundIsNoStepIfItHasThreeBytes(String zero) {
        String text = FakeQuantRulesTest.CONVOLUTION
                .replace("{50, -700}", "{50, 2147483647}")
                .replace("0.07}", "1.40398E-7}")
                .replace("100, 7, -128}", "127, 127, 127}")
                .replace("u8[] {100}", "u8[] {" + zero + "}");
        Graph result = Rewrites.fires(FakeQuantRules.SET, "qlinear-convolution", text);
        assertThat(result.nodes()).anyMatch(n -> n.op() instanceof Add);
        Tensor x = Tensor.allocate(DType.UINT8, 256, 1, 4);
        for (int i = 0; i < x.size(); i++) {
            x.setLong(i, i / 4);
        }
        assertThat(((Tensor) Graphs.run(result, x).getFirst()).toLongArray())
                .isEqualTo(((Tensor) Graphs.run(Graphs.parse(text), x).getFirst()).toLongArray());
    }

    /** Halves are not exact beside sums that are so large. A constant result needs none. */
    @ParameterizedTest
    @CsvSource({"-1000000000, false", "-2147483648, true"})
    void aStepOfLargeSumsIsNoneUnlessItIsConstant(String bias, boolean added) {
        Graph result = Rewrites.fires(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("u8[n,1,4]", "u8[n,300,1]")
                        .replace(
                                "i8[2,1,3] {1, -2, 3, 100, 7, -128}",
                                "i8[2,300,1] {" + "1, ".repeat(300) + "127, ".repeat(299) + "1}")
                        .replace("{50, -700}", "{50, " + bias + "}"));
        assertThat(result.nodes().stream().anyMatch(n -> n.op() instanceof Add)).isEqualTo(added);
    }

    /** So many sums that int32 may wrap around more than once. All results would be the zero point here. */
    @Test
    void sumsOfMoreThanIntegersHoldStay() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", (TensorType) ValueType.parse("u8[n,34000,1]"));
        Value scale = builder.constant(Tensor.scalar(1e-9f));
        Value zero = builder.constant(Tensor.allocate(DType.UINT8));
        Value weights = builder.constant(Constants.filled(DType.UINT8, 255, 1, 34000, 1));
        QLinearConv op = new QLinearConv(
                new WindowAttributes(
                        WindowAttributes.AutoPad.NOTSET, List.of(), List.of(), List.of(), List.of(), false),
                1);
        Value unit = builder.constant(Tensor.scalar(1f));
        builder.output("y", builder.add(op, x, scale, zero, weights, scale, zero, unit, zero));
        Graph graph = builder.build();
        RewriteTrace trace = new RewriteTrace();
        assertThat(new Rewriter(FakeQuantRules.SET).apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses()).anySatisfy(m -> assertThat(m.reason()).contains("does not hold exactly"));
    }

    /** A step in one channel, with one scale for all. */
    @Test
    void aStepHasAFactorOfItsOwn() {
        Rewrites.fires(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("f32[2] {0.02, 0.07}", "f32[] {0.07}")
                        .replace("{50, -700}", "{50, -2147483648}")
                        .replace("100, 7, -128}", "1, 0, -1}"));
    }

    /** The first bias makes a step, or a constant result. The second is so large that integers take it. */
    @ParameterizedTest
    @CsvSource({"-2147483648, 1, 0", "-1073741824, 100, 1"})
    void aStepThatIsNotConstantIsNoneWhereIntegersTakeTheBias(String bias, String weight, int constants) {
        Graph result = Rewrites.fires(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("{50, -700}", "{" + bias + ", -16875000}")
                        .replace("{1, -2, 3,", "{" + weight + ", 0, -1,")
                        .replace("0.07}", "2.0E-5}")
                        .replace("{100}", "{200}"));
        assertThat(result.nodes()).anyMatch(n -> n.op() instanceof Add);
        Tensor factors = result.nodes().stream()
                .filter(n -> n.op() instanceof Mul && n.input(1).isConstant())
                .map(n -> n.input(1).constant())
                .filter(t -> t.size() == 2)
                .findFirst()
                .orElseThrow();
        assertThat(factors.getFloat(0)).isEqualTo(constants == 1 ? 1f : 0.1f * 0.02f / 0.3f);
    }

    @Test
    void sumsThatFloatsDoNotHoldStayIntegers() {
        Rewrites.refuses(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("u8[n,1,4]", "u8[n,1100,4]")
                        .replace("i8[2,1,3] {1, -2, 3, 100, 7, -128}", "i8[2,1100,1] {" + "-128, ".repeat(2199) + "1}"),
                "does not hold exactly");
        Rewrites.refuses(
                FakeQuantRules.SET,
                "qlinear-convolution",
                FakeQuantRulesTest.CONVOLUTION
                        .replace("%x: u8[n,1,4]", "%x: u8[n,1,4], %ys: f32[]")
                        .replace("%ys = const f32[] {0.3}\n", ""),
                "input 6 is not constant");
    }
}
