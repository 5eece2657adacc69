package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.linear.BatchNormalizationRules;
import dev.tenon.graph.rules.linear.InputFoldingRules;
import dev.tenon.graph.rules.linear.WeightFoldingRules;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FakeQuantRulesTest {
    private static final String CONSTANTS = """
        %s = const f32[] {0.1}
        %r = const f32[1] {0.2}
        %z = const u8[] {3}
        """;

    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n" + CONSTANTS + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    @Test
    void quantisedAndDequantisedNumbersAreRounded() {
        Rewrites.becomes(
                FakeQuantRules.SET,
                "quantize-dequantize",
                graph("%x: f32[n]", "%q = QuantizeLinear(%x, %s, %z); %y = DequantizeLinear(%q, %r, %z)"),
                """
                graph g(%x: f32[n]) {
                  %s = const f32[] {0.1}
                  %const = const f32[] {-3.0}
                  %const_1 = const f32[] {255.0}
                  %const_2 = const f32[] {3.0}
                  %const_3 = const f32[] {0.2}
                  %Div = Div(%x, %s)
                  %Round = Round(%Div)
                  %Sub = Sub(%Round, %const)
                  %ThresholdedRelu = ThresholdedRelu<alpha=0.0f>(%Sub)
                  %Min = Min(%ThresholdedRelu, %const_1)
                  %Sub_1 = Sub(%Min, %const_2)
                  %y = Mul(%Sub_1, %const_3)
                  return %y
                }
                """);
    }

    private static final String ONCE = "%q = QuantizeLinear(%x, %s, %z); %d = DequantizeLinear(%q, %s, %z); ";

    private static final String ROUNDED = """
        %s = const f32[] {0.1}
        %const = const f32[] {-3.0}
        %const_1 = const f32[] {255.0}
        %const_2 = const f32[] {3.0}
        %Div = Div(%x, %s)
        %Round = Round(%Div)
        %Sub = Sub(%Round, %const)
        %ThresholdedRelu = ThresholdedRelu<alpha=0.0f>(%Sub)
        %Min = Min(%ThresholdedRelu, %const_1)
        %Sub_1 = Sub(%Min, %const_2)
        """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        quantize-again | d | %t = QuantizeLinear(%d, %s, %z); %e = DequantizeLinear(%t, %s, %z)                                                                                      | %d = Mul(%Sub_1, %s)
        quantize-again | m | %m = MaxPool<kernel_shape=[2], pads=[1, 1]>(%d); %t = QuantizeLinear(%m, %s, %z); %e = DequantizeLinear(%t, %s, %z)                                     | %d = Mul(%Sub_1, %s); %m = MaxPool<kernel_shape=[2], pads=[1, 1]>(%d)
        quantize-again | m | %p = Relu(%d); %m = Transpose(%p); %t = QuantizeLinear(%m, %s, %z); %e = DequantizeLinear(%t, %s, %z)                                                   | %d = Mul(%Sub_1, %s); %p = Relu(%d); %m = Transpose(%p)
        quantize-again | p | %o = const u8[] {0}; %p = Relu(%d); %t = QuantizeLinear(%p, %s, %o); %e = DequantizeLinear(%t, %s, %o)                                                  | %d = Mul(%Sub_1, %s); %p = Relu(%d)
        quantize-again | f | %f = Flatten(%d); %t = QuantizeLinear(%f, %s, %z); %p = DequantizeLinear(%t, %s, %z); %u = QuantizeLinear(%p, %s, %z); %e = DequantizeLinear(%u, %s, %z) | %d = Mul(%Sub_1, %s); %f = Flatten(%d)
        """)
    void quantisedValuesAreNotRoundedAgain(String rule, String result, String again, String left) {
        Rewrites.becomes(
                FakeQuantRules.SET,
                rule,
                graph("%x: f32[2,3,n]", ONCE + again + "; %y = Neg(%e)"),
                "graph g(%x: f32[2,3,n]) {\n" + ROUNDED + left.replace("; ", "\n") + "\n%y = Neg(%" + result
                        + ")\nreturn %y\n}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        scales differ  | %t = QuantizeLinear(%d, %r, %z); %y = DequantizeLinear(%t, %r, %z)
        scales differ  | %t = QuantizeLinear(%d, %s, %z); %y = DequantizeLinear(%t, %r, %z)
        scales differ  | %t = QuantizeLinear(%d, %r, %z); %y = DequantizeLinear(%t, %s, %z)
        it clips       | %o = const u8[] {0}; %t = QuantizeLinear(%d, %s, %o); %y = DequantizeLinear(%t, %s, %o)
        not known      | %m = MaxPool<kernel_shape=[2], dilations=[2], pads=[1, 1]>(%d); %t = QuantizeLinear(%m, %s, %z); %y = DequantizeLinear(%t, %s, %z)
        not known      | %m = Neg(%d); %t = QuantizeLinear(%m, %s, %z); %y = DequantizeLinear(%t, %s, %z)
        not known      | %t = QuantizeLinear(%x, %s, %z); %y = DequantizeLinear(%t, %s, %z)
        zero points    | %o = const u8[] {2}; %t = QuantizeLinear(%d, %s, %z); %y = DequantizeLinear(%t, %s, %o)
        """)
    void valuesOnOtherGridsAreRoundedAgain(String reason, String again) {
        String nodes = ROUNDED.replace("%s = const f32[] {0.1}\n", "") + "%d = Mul(%Sub_1, %s); " + again;
        Rewrites.refuses(
                FakeQuantRules.SET.where(r -> r.name().equals("quantize-again")),
                "quantize-again",
                graph("%x: f32[2,3,n]", nodes),
                reason);
    }

    @Test
    void scalesThatAreTooSmallAreRoundedAgain() {
        String nodes = ROUNDED.replace("%s = const f32[] {0.1}\n", "") + "%d = Mul(%Sub_1, %s);"
                + " %t = QuantizeLinear(%d, %s, %z); %y = DequantizeLinear(%t, %s, %z)";
        Rewrites.refuses(
                FakeQuantRules.SET.where(r -> r.name().equals("quantize-again")),
                "quantize-again",
                graph("%x: f32[2,3,n]", nodes).replace("%s = const f32[] {0.1}", "%s = const f32[] {1.0E-39}"),
                "out of range");
    }

    /** Bytes may be dequantised with another zero point: numbers that keep it, or that are bytes themselves. */
    @ParameterizedTest
    @CsvSource({"u8, 3, 0", "u8, 0, 5", "i8, -7, 0", "i8, 0, -128", "i8, 4, 5"})
    void zeroPointsMayDiffer(String type, int zero, int again) {
        Graph graph = Graphs.parse(
                """
            graph g(%x: f32[8]) {
              %s = const f32[] {0.5}
              %z = const ZERO
              %w = const AGAIN
              %q = QuantizeLinear(%x, %s, %z)
              %y = DequantizeLinear(%q, %s, %w)
              return %y
            }
            """.replace("ZERO", type + "[] {" + zero + "}").replace("AGAIN", type + "[] {" + again + "}"));
        Graph result = Pipeline.standard(FakeQuantRules.SET).apply(graph);
        assertThat(result.nodes()).noneMatch(n -> n.op() instanceof QuantizeLinear);
        Tensor x = Tensor.of(new float[] {Float.NaN, 1e9f, -1e9f, 0.25f, -0.25f, 0.75f, -3, 3});
        assertThat(((Tensor) Graphs.run(result, x).getFirst()).toFloatArray())
                .isEqualTo(((Tensor) Graphs.run(graph, x).getFirst()).toFloatArray());
    }

    /** Zeros become positive, as those of integers are. A division by them shows it. */
    @ParameterizedTest
    @CsvSource({"u8, 0", "u8, 3", "i8, 0", "i8, -7", "i16, 0"})
    void roundedNumbersHaveNoNegativeZero(String type, int zero) {
        String text = """
            graph g(%x: f32[4]) {
              %s = const f32[] {0.5}
              %one = const f32[] {1.0}
              %z = const ZERO
              %q = QuantizeLinear(%x, %s, %z)
              %d = DequantizeLinear(%q, %s, %z)
              %y = Div(%one, %d)
              return %y
            }
            """.replace("ZERO", type + "[] {" + zero + "}");
        Graph graph = Graphs.parse(text);
        Graph result = Pipeline.standard(FakeQuantRules.SET).apply(graph);
        assertThat(result.nodes()).noneMatch(n -> n.op() instanceof QuantizeLinear);
        Tensor x = Tensor.of(new float[] {-0.1f, -0f, 0.1f, 2});
        Tensor expected = (Tensor) Graphs.run(graph, x).getFirst();
        Tensor found = (Tensor) Graphs.run(result, x).getFirst();
        for (int i = 0; i < 3; i++) {
            assertThat(expected.getDouble(i)).isEqualTo(Double.POSITIVE_INFINITY);
        }
        assertThat(found.toFloatArray()).isEqualTo(expected.toFloatArray());
    }

    /** NaN, infinities and numbers out of the range of the integers give the same numbers as with integers. */
    @ParameterizedTest
    @CsvSource({"u8, 0", "u8, 3", "u8, 255", "i8, 0", "i8, -7", "i8, 127", "i16, 0", "u16, 77"})
    void numbersOutOfTheRangeGiveItsEnds(String type, int zero) {
        Graph graph = Graphs.parse("""
            graph g(%x: f32[12]) {
              %s = const f32[] {0.5}
              %z = const ZERO
              %q = QuantizeLinear(%x, %s, %z)
              %y = DequantizeLinear(%q, %s, %z)
              return %y
            }
            """.replace("ZERO", type + "[] {" + zero + "}"));
        Graph result = Pipeline.standard(FakeQuantRules.SET).apply(graph);
        assertThat(result.nodes()).noneMatch(n -> n.op() instanceof QuantizeLinear);
        float most = Float.POSITIVE_INFINITY;
        Tensor x = Tensor.of(new float[] {
            Float.NaN, most, -most, Float.MAX_VALUE, -Float.MAX_VALUE, 1e9f, -1e9f, 0.25f, -0.25f, 0.75f, -3, 3
        });
        assertThat(((Tensor) Graphs.run(result, x).getFirst()).toFloatArray())
                .isEqualTo(((Tensor) Graphs.run(graph, x).getFirst()).toFloatArray());
    }

    @Test
    void integersBecomeFloats() {
        Rewrites.becomes(
                FakeQuantRules.SET,
                "dequantize",
                graph("%x: u8[n,2], %t: f32[], %w: u8[]", "%y = DequantizeLinear(%x, %t, %w)"),
                """
                graph g(%x: u8[n,2], %t: f32[], %w: u8[]) {
                  %Cast = Cast<to=1>(%x)
                  %Cast_1 = Cast<to=1>(%w)
                  %Sub = Sub(%Cast, %Cast_1)
                  %y = Mul(%Sub, %t)
                  return %y
                }
                """);
    }

    static final String CONVOLUTION = """
            graph g(%x: u8[n,1,4]) {
              %xs = const f32[] {0.1}
              %xz = const u8[] {128}
              %w = const i8[2,1,3] {1, -2, 3, 100, 7, -128}
              %ws = const f32[2] {0.02, 0.07}
              %wz = const i8[2] {0, 0}
              %ys = const f32[] {0.3}
              %yz = const u8[] {100}
              %b = const i32[2] {50, -700}
              %y = QLinearConv(%x, %xs, %xz, %w, %ws, %wz, %ys, %yz, %b)
              return %y
            }
            """;

    @Test
    void aConvolutionOfIntegersIsOneOfFloats() {
        Rewrites.becomes(FakeQuantRules.SET, "qlinear-convolution", CONVOLUTION, """
            graph g(%x: u8[n,1,4]) {
              %const_2 = const f32[] {128.0}
              %const_1 = const f32[] {1.0}
              %const = const f32[2,1,3] {1, -2, 3, 100, 7, -128}
              %const_3 = const f32[2] {50, -700}
              %const_4 = const f32[2,1] {0.006666667, 0.023333333}
              %const_5 = const f32[] {1.0}
              %yz = const u8[] {100}
              %Cast = Cast<to=1>(%x)
              %Sub = Sub(%Cast, %const_2)
              %Mul = Mul(%Sub, %const_1)
              %Conv = Conv(%Mul, %const, %const_3)
              %Mul_1 = Mul(%Conv, %const_4)
              %y = QuantizeLinear(%Mul_1, %const_5, %yz)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %yz, %b)   | %yz)        | 2
            %yz, %b)   | %yz, _)     | 2
            {50, -700} | {0, 0}      | 3
            """)
    void aBiasMayBeLeftOut(String from, String to, int operands) {
        Graph result = Rewrites.fires(FakeQuantRules.SET, "qlinear-convolution", CONVOLUTION.replace(from, to));
        assertThat(result.nodes())
                .filteredOn(n -> n.op() instanceof Conv)
                .singleElement()
                .satisfies(n -> assertThat(n.inputs()).hasSize(operands));
    }

    private static final String PRODUCT = """
            graph g(%x: i8[n,3]) {
              %xs = const f32[] {0.1}
              %xz = const i8[] {-5}
              %w = const u8[3,2] {1, 2, 3, 200, 7, 128}
              %ws = const f32[] {0.02}
              %wz = const u8[2] {128, 3}
              %ys = const f32[] {0.03}
              %yz = const i8[] {1}
              %y = QLinearMatMul(%x, %xs, %xz, %w, %ws, %wz, %ys, %yz)
              return %y
            }
            """;

    @Test
    void aProductOfIntegersIsOneOfFloats() {
        Rewrites.becomes(FakeQuantRules.SET, "qlinear-product", PRODUCT, """
            graph g(%x: i8[n,3]) {
              %const_2 = const f32[] {-5.0}
              %const_1 = const f32[] {1.0}
              %const = const f32[3,2] {-127, -1, -125, 197, -121, 125}
              %const_3 = const f32[] {0.06666667}
              %const_4 = const f32[] {1.0}
              %yz = const i8[] {1}
              %Cast = Cast<to=1>(%x)
              %Sub = Sub(%Cast, %const_2)
              %Mul = Mul(%Sub, %const_1)
              %MatMul = MatMul(%Mul, %const)
              %Mul_1 = Mul(%MatMul, %const_3)
              %y = QuantizeLinear(%Mul_1, %const_4, %yz)
              return %y
            }
            """);
    }

    @Test
    void aProductByAScaleThatIsComputedStays() {
        Rewrites.refuses(
                FakeQuantRules.SET,
                "qlinear-product",
                PRODUCT.replace("%x: i8[n,3]", "%x: i8[n,3], %ys: f32[]").replace("%ys = const f32[] {0.03}\n", ""),
                "input 6 is not constant");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            i8[n,3] | i8[] {-5}
            u8[3,2] | u8[2] {128, 3}
            none    | i8[] {1}
            """)
    void productsOfFloatsStay(String operand, String zero) {
        String text = PRODUCT.replace(operand, operand.replaceFirst("[iu]8", "f8e4m3fn"))
                .replace(zero, zero.replaceFirst("[iu]8", "f8e4m3fn"));
        Rewrites.refuses(FakeQuantRules.SET, "qlinear-product", text, "the operands are floats");
    }

    @Test
    void stacksOfWeightsStay() {
        Rewrites.stays(
                FakeQuantRules.SET,
                "qlinear-product",
                PRODUCT.replace("u8[3,2]", "u8[1,3,2]").replace("u8[2] {128, 3}", "u8[] {128}"));
    }

    /** The product of all scales is infinite, and so is each sum but 0, which becomes NaN. */
    @Test
    void aFactorThatIsInfiniteMakesNoStep() {
        String weights = "u8[600,1] {" + "0, ".repeat(599) + "0}";
        Rewrites.refuses(
                FakeQuantRules.SET,
                "qlinear-product",
                PRODUCT.replace("i8[n,3]", "u8[n,600]")
                        .replace("i8[] {-5}", "u8[] {0}")
                        .replace("u8[3,2] {1, 2, 3, 200, 7, 128}", weights)
                        .replace("u8[2] {128, 3}", "u8[] {255}")
                        .replace("{0.1}", "{1.0E30}")
                        .replace("{0.02}", "{1.0E30}"),
                "does not hold exactly");
    }

    @Test
    void aPrecisionThatIsTheUsualOneDoesNotMatter() {
        Rewrites.fires(
                FakeQuantRules.SET,
                "quantize-dequantize",
                graph("%x: f32[n]", "%q = QuantizeLinear<precision=1>(%x, %s, %z); %y = DequantizeLinear(%q, %s, %z)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            quantize-dequantize | may not hold      | %x: f32[n]           | %o = const f8e4m3fn[] {0}; %q = QuantizeLinear(%x, %s, %o); %y = DequantizeLinear(%q, %s, %o)
            quantize-dequantize | not round from f32 | %x: f16[n]          | %q = QuantizeLinear(%x, %s, %z); %y = DequantizeLinear(%q, %s, %z)
            quantize-dequantize | not round from f32 | %x: f32[n]          | %q = QuantizeLinear<precision=10>(%x, %s, %z); %y = DequantizeLinear(%q, %s, %z)
            quantize-dequantize | the result is not f32 | %x: f32[n]       | %q = QuantizeLinear(%x, %s, %z); %y = DequantizeLinear<output_dtype=10>(%q, %s, %z)
            quantize-again      | one scale for all | %x: f32[2,n]         | %t = const f32[2] {1, 2}; %q = QuantizeLinear<axis=0>(%x, %t); %y = DequantizeLinear<axis=0>(%q, %t)
            dequantize          | the result is not f32 | %x: u8[n]        | %y = DequantizeLinear<output_dtype=10>(%x, %s)
            quantize-dequantize | not constant      | %x: f32[n], %w: u8[] | %q = QuantizeLinear(%x, %s, %w); %y = DequantizeLinear(%q, %s, %w)
            quantize-dequantize | one scale for all | %x: f32[2,n]        | %t = const f32[2] {1, 2}; %w = const u8[2] {3, 3}; %q = QuantizeLinear<axis=0>(%x, %t, %w); %y = DequantizeLinear<axis=0>(%q, %t, %w)
            dequantize          | integers are i32  | %x: i32[n]          | %y = DequantizeLinear(%x, %s)
            dequantize          | one scale for all | %x: u8[n,2]         | %t = const f32[2] {1, 2}; %w = const u8[2] {3, 3}; %y = DequantizeLinear(%x, %t, %w)
            dequantize          | scale is f16      | %x: u8[n]           | %t = const f16[] {1}; %y = DequantizeLinear(%x, %t, %z)
            """)
    void othersAreRefused(String rule, String reason, String inputs, String nodes) {
        Rewrites.refuses(FakeQuantRules.SET.where(r -> r.name().equals(rule)), rule, graph(inputs, nodes), reason);
    }

    @Test
    void sumsThatSaturateAnywayNeedNotBeExact() {
        Rewrites.fires(FakeQuantRules.SET, "qlinear-convolution", CONVOLUTION.replace("{50, -700}", "{50, -16777216}"));
    }

    private static final String SUM = """
            graph g(%x: u8[n,4], %k: u8[4]) {
              %xs = const f32[] {0.1}
              %xz = const u8[1] {128}
              %ks = const f32[1] {0.5}
              %ys = const f32[] {0.3}
              %y = com.microsoft.QLinearAdd(%x, %xs, %xz, %k, %ks, _, %ys, %xz)
              return %y
            }
            """;

    @Test
    void aSumOfIntegersIsOneOfFloats() {
        Rewrites.becomes(FakeQuantRules.SET, "qlinear-sum", SUM, """
            graph g(%x: u8[n,4], %k: u8[4]) {
              %xs = const f32[] {0.1}
              %ys = const f32[] {0.3}
              %const_2 = const f32[] {128.0}
              %const = const f32[] {1.0}
              %const_3 = const f32[] {128.0}
              %const_4 = const u8[] {128}
              %const_5 = const f32[] {0.5}
              %const_6 = const f32[] {1.0}
              %const_7 = const u8[] {128}
              %const_8 = const f32[] {1.0}
              %Div = Div(%xs, %ys)
              %Cast = Cast<to=1>(%x)
              %Sub = Sub(%Cast, %const_2)
              %Mul = Mul(%Sub, %const)
              %Add = Add(%Mul, %const_3)
              %Mul_1 = Mul(%Add, %Div)
              %Cast_1 = Cast<to=1>(%const_4)
              %Mul_2 = Mul(%Div, %Cast_1)
              %Div_1 = Div(%const_5, %ys)
              %Cast_2 = Cast<to=1>(%k)
              %Mul_3 = Mul(%Cast_2, %const_6)
              %Mul_4 = Mul(%Mul_3, %Div_1)
              %Cast_3 = Cast<to=1>(%const_7)
              %Sub_1 = Sub(%Cast_3, %Mul_2)
              %Add_1 = Add(%Mul_4, %Sub_1)
              %Add_2 = Add(%Mul_1, %Add_1)
              %y = QuantizeLinear<output_dtype=2>(%Add_2, %const_8)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%x, %xs, _, %k, %ks, _, %ys, _",
                "%x, %xs, _, %k, %ks, _, %ys, %xz",
                "%x, %xs, %xz, %k, %ks, %xz, %ys, _",
                "%x, %xs, _, %k, %ks, %xz, %ys, %xz"
            })
    void zeroPointsOfASumMayBeLeftOut(String operands) {
        Rewrites.fires(FakeQuantRules.SET, "qlinear-sum", SUM.replace("%x, %xs, %xz, %k, %ks, _, %ys, %xz", operands));
    }

    @Test
    void aSumOfFloatsStays() {
        Rewrites.stays(
                FakeQuantRules.SET.where(rule -> rule.name().equals("qlinear-sum")),
                graph("%x: f32[n]", "%y = Add(%x, %x)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fold-scale        | %x: f32[n,2] | %o = Round(%x); %m = Mul(%o, %s); %p = MatMul(%m, %w); %y = Mul(%p, %c)
            fold-scale        | %x: f32[n,2] | %k = const f32[] {-3}; %o = Round(%x); %a = Sub(%o, %k); %b = ThresholdedRelu<alpha=0.0f>(%a); %d = Min(%b, %s); %e = Sub(%d, %k); %m = Mul(%e, %s); %p = MatMul(%m, %w); %y = Mul(%p, %c)
            fold-divisor      | %x: u8[n,2]  | %o = Cast<to=1>(%x); %p = MatMul(%o, %w); %y = Div(%p, %c)
            fold-scaled-input | %x: f32[n,2] | %o = Round(%x); %m = Mul(%o, %s); %y = MatMul(%m, %w)
            fold-shifted-input | %x: u8[n,2] | %o = Cast<to=1>(%x); %m = Sub(%o, %c); %y = MatMul(%m, %w)
            fold-scale-biased | %x: u8[n,2] | %o = Cast<to=1>(%x); %p = MatMul(%o, %w); %m = Add(%p, %c); %y = Mul(%m, %s)
            """)
    void scalesAroundProductsOfQuantisedNumbersStay(String rule, String input, String nodes) {
        Rewrites.refuses(
                FakeQuantRules.SET
                        .plus(BatchNormalizationRules.SET)
                        .plus(WeightFoldingRules.SET)
                        .plus(InputFoldingRules.SET),
                rule,
                graph(input, "%w = const f32[2,2] {1, 2, -3, 4}; %c = const f32[2] {0.3, 0.7}; " + nodes),
                "was quantised");
    }
}
