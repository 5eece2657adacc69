package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.LayoutAssignment;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicQuantRulesTest {
    @Test
    void bothScalesComeAfterTheSums() {
        Rewrites.becomes(DynamicQuantRules.SET, "dynamic-scales", """
            graph g(%x: u8[n,2], %s: f32[], %z: u8[]) {
              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %t = const f32[3] {0.5, 0.25, 2}
              %p = MatMulInteger(%x, %w, %z)
              %f = Cast<to=1>(%p)
              %m = Mul(%s, %t)
              %y = Mul(%f, %m)
              return %y
            }
            """, """
            graph g(%x: u8[n,2], %s: f32[], %z: u8[]) {
              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %t = const f32[3] {0.5, 0.25, 2}
              %p = MatMulInteger(%x, %w, %z)
              %f = Cast<to=1>(%p)
              %Mul = Mul(%f, %s)
              %y = Mul(%Mul, %t)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            one scale for all rows | %s: f32[n,1]     | %t = const f32[3] {1, 2, 4}
            one scale for all rows | %s: f32[3]       | %t = const f32[3] {1, 2, 4}
            more dimensions        | %s: f32[]        | %t = const f32[1,1,1,3] {1, 2, 4}
            """)
    void otherScalesAreRefused(String reason, String input, String scale) {
        Rewrites.refuses(DynamicQuantRules.SET, "dynamic-scales", """
            graph g(%x: u8[n,2],\
            """ + input + ") {\n" + scale + """

              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %p = MatMulInteger(%x, %w)
              %f = Cast<to=1>(%p)
              %m = Mul(%s, %t)
              %y = Mul(%f, %m)
              return %y
            }
            """, reason);
    }

    private static final String CONVOLUTION = """
            graph g(%x: u8[n,1,4], %z: u8[]) {
              %w = const i8[2,1,3] {1, -2, 3, 100, 7, -128}
              %v = const i8[2] {1, -1}
              %p = ConvInteger<pads=[1, 1]>(%x, %w, %z, %v)
              %y = Cast<to=1>(%p)
              return %y
            }
            """;

    @Test
    void sumsOfDoublesKeepTheOrderOfTheirScales() {
        Rewrites.stays(DynamicQuantRules.SET, """
            graph g(%x: u8[n,2], %s: f64[]) {
              %w = const i8[2,3] {1, -2, 3, 4, 5, -6}
              %t = const f64[3] {0.5, 0.25, 2}
              %p = MatMulInteger(%x, %w)
              %f = Cast<to=11>(%p)
              %m = Mul(%s, %t)
              %y = Mul(%f, %m)
              return %y
            }
            """);
    }

    @Test
    void aConvolutionWithoutZeroPointsIsOneOfFloatsToo() {
        Rewrites.becomes(
                DynamicQuantRules.SET, "convolution-integers", CONVOLUTION.replace("%x, %w, %z, %v", "%x, %w"), """
            graph g(%x: u8[n,1,4], %z: u8[]) {
              %const = const f32[2,1,3] {1, -2, 3, 100, 7, -128}
              %Cast = Cast<to=1>(%x)
              %y = Conv<pads=[1, 1]>(%Cast, %const)
              return %y
            }
            """);
    }

    @Test
    void aConvolutionOfIntegersIsOneOfFloats() {
        Rewrites.becomes(DynamicQuantRules.SET, "convolution-integers", CONVOLUTION, """
            graph g(%x: u8[n,1,4], %z: u8[]) {
              %const = const f32[2,1,3] {0, -3, 2, 101, 8, -127}
              %Cast = Cast<to=1>(%x)
              %Cast_1 = Cast<to=1>(%z)
              %Sub = Sub(%Cast, %Cast_1)
              %y = Conv<pads=[1, 1]>(%Sub, %const)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            weights is computed | %z: u8[]           | %z: u8[], %v: i8[2] | %v = const i8[2] {1, -1} |
            one number          | %z: u8[]           | %z: u8[*]           | |
            one number          | %z: u8[]           | %z: u8[k]           | |
            one number          | %z: u8[]           | %z: u8[1,1]         | |
            does not hold       | {1, -1}            | {-128, 127}         | i8[2,1,3] {1, -2, 3, 100, 7, -128} | i8[2,1,FILTER] {ELEMENTS}
            """)
    void otherConvolutionsOfIntegersStay(String reason, String found, String instead, String left, String right) {
        String text = CONVOLUTION.replace(found, instead);
        if (left != null) {
            text = text.replace(left, right == null ? "" : right);
        }
        text = text.replace("FILTER", "600")
                .replace("ELEMENTS", "127, ".repeat(1199) + "127")
                .replace("pads=[1, 1]", right == null ? "pads=[1, 1]" : "pads=[600, 600]");
        Rewrites.refuses(DynamicQuantRules.SET, "convolution-integers", text, reason);
    }

    /** Sums of one channel are exact in float32, those of two are not. */
    @Test
    void aConvolutionOfManyTermsIsComputedInParts() {
        Graph graph = Graphs.parse("""
                graph g(%x: u8[1,3,402], %z: u8[]) {
                  %w = const i8[2,3,400] {ELEMENTS}
                  %c = ConvInteger(%x, %w, %z)
                  %y = Cast<to=1>(%c)
                  return %y
                }
                """.replace("ELEMENTS", "-127, ".repeat(1199) + "127" + ", 127".repeat(1200)));
        Graph result = new Rewriter(DynamicQuantRules.SET).apply(graph, new RewriteTrace());
        assertThat(result.nodes().stream().filter(n -> n.op() instanceof Conv)).hasSize(3);
        assertThat(result.nodes()).noneMatch(n -> n.op() instanceof ConvInteger);
        for (int zero : new int[] {0, 128, 255}) {
            for (int all : new int[] {0, 1, 254, 255}) {
                Tensor x = Tensor.allocate(DType.UINT8, 1, 3, 402);
                for (long i = 0; i < x.size(); i++) {
                    x.setLong(i, i == 500 ? 7 : all);
                }
                Tensor z = Tensor.allocate(DType.UINT8);
                z.setLong(0, zero);
                Graphs.requireEqual(Graphs.run(result, x, z), Graphs.run(graph, x, z));
            }
        }
    }

    /** The nodes that are left: the quantisation, and one fused operator for everything else. */
    @ParameterizedTest
    @ValueSource(strings = {"%t = const f32[] {0.25}", "%t = const f32[20,1,1] {SCALES}"})
    void aDynamicallyQuantisedConvolutionIsOneStep(String scale) {
        String scales = IntStream.range(1, 21).mapToObj(i -> "0." + i).collect(Collectors.joining(", "));
        String weights = IntStream.range(0, 20 * 3 * 9)
                .mapToObj(i -> Integer.toString(i * 37 % 255 - 127))
                .collect(Collectors.joining(", "));
        String text =
                """
            graph g(%x: f32[1,3,8,8]) {
              %w = const i8[20,3,3,3] {WEIGHTS}
              %v = const i8[] {0}
              SCALE
              %b = const f32[1,20,1,1] {SCALES}
              %q, %s, %z = DynamicQuantizeLinear(%x)
              %p = ConvInteger<pads=[1, 1, 1, 1]>(%q, %w, %z, %v)
              %f = Cast<to=1>(%p)
              %m = Mul(%s, %t)
              %o = Mul(%f, %m)
              %a = Add(%o, %b)
              %y = Relu(%a)
              return %y
            }
            """.replace("SCALE\n", scale + "\n").replace("SCALES", scales).replace("WEIGHTS", weights);
        bytesStayOneStep(text, scale);
        Graph result = Rewrites.fires(StandardRules.FLOATS.rules(), "dynamic-scales", text);
        for (Pipeline pipeline :
                List.of(Pipeline.standard(), Pipeline.standard().withLayouts())) {
            List<String> titles = pipeline.apply(result).nodes().stream()
                    .map(n -> n.op().title())
                    .filter(title -> !title.equals("Transpose"))
                    .toList();
            assertThat(titles.getFirst()).endsWith("CentredQuantization");
            assertThat(titles.subList(1, titles.size()))
                    .singleElement()
                    .asString()
                    .endsWith("+Mul+Mul+Add+Relu");
        }
    }

    /** A machine that multiplies bytes makes no floats of them. One number of both scales is computed once. */
    private static void bytesStayOneStep(String text, String scale) {
        Target bytes = new Target(CoreKernels.set(), Profile.named("zen4").capabilities());
        Graph result = Pipeline.standard(StandardRules.BYTES.rules(), bytes)
                .withLayouts(Set.of(LayoutAssignment.Gain.MACHINE_CODE, LayoutAssignment.Gain.BYTES))
                .apply(Graphs.parse(text));
        List<String> titles = result.nodes().stream()
                .map(n -> n.op().title())
                .filter(title -> !title.equals("Transpose"))
                .toList();
        assertThat(titles)
                .isEqualTo(
                        scale.contains("SCALES")
                                ? List.of("DynamicQuantizeLinear", "ConvInteger@last+Cast+Mul+Mul+Add+Relu")
                                : List.of("DynamicQuantizeLinear", "Mul", "ConvInteger@last+Cast+Mul+Add+Relu"));
        if (!scale.contains("SCALES")) {
            // Nothing is rounded in another order.
            Tensor x = Literals.random(DType.FLOAT32, 11, 1, 3, 8, 8);
            Graphs.requireEqual(Graphs.run(result, x), Graphs.run(Graphs.parse(text), x));
        }
    }

    private static final String CENTRED = """
        graph g(%x: f32[n,2,4]) {
          %w = const f32[3,2,1] {1, -2, 3, 100, 7, -128}
          %q, %s, %z = DynamicQuantizeLinear(%x)
          %a = Cast<to=1>(%q)
          %b = Cast<to=1>(%z)
          %c = Sub(%a, %b)
          %v = Conv(%c, %w)
          %y = Mul(%v, %s)
          return %y
        }
        """;

    @Test
    void integersLessTheirZeroPointAreOneStep() {
        Rewrites.becomes(DynamicQuantRules.SET, "centred-quantization", CENTRED, """
            graph g(%x: f32[n,2,4]) {
              %w = const f32[3,2,1] {1, -2, 3, 100, 7, -128}
              %CentredQuantization_1, %CentredQuantization_2 = dev.tenon.CentredQuantization(%x)
              %Conv = Conv(%CentredQuantization_1, %w)
              %y = Mul(%Conv, %CentredQuantization_2)
              return %y
            }
            """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            integers that are used elsewhere | return %y     | return %y, %q
            another scale                    | Mul(%v, %s)   | Mul(%v, %r)
            another zero point               | Cast<to=1>(%z) | Cast<to=1>(%o)
            """)
    void otherIntegersStay(String what, String part, String other) {
        Rewrites.stays(
                DynamicQuantRules.SET,
                "centred-quantization",
                CENTRED.replace(part, other)
                        .replace("%a = ", "%n = Neg(%x)\n%p, %r, %o = DynamicQuantizeLinear(%n)\n%a = "));
    }

    /** Each output has one use, but not all are uses of one operator. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Mul(%v, %s)    | Mul(%v, %r)    | return %y, %s
            Cast<to=1>(%z) | Cast<to=1>(%o) | return %y, %z
            """)
    void scaleAndZeroPointAreThoseOfTheIntegers(String part, String other, String results) {
        Rewrites.refuses(
                DynamicQuantRules.SET,
                "centred-quantization",
                CENTRED.replace(part, other)
                        .replace("return %y", results)
                        .replace("%a = ", "%n = Neg(%x)\n%p, %r, %o = DynamicQuantizeLinear(%n)\n%a = "),
                "those of other integers");
    }

    @Test
    void scalesOfOtherConvolutionsStay() {
        Rewrites.stays(DynamicQuantRules.SET, "dynamic-scales", """
            graph g(%x: f32[n,1,4], %s: f32[]) {
              %w = const f32[2,1,3] {1, -2, 3, 100, 7, -128}
              %t = const f32[2,1] {0.5, 0.25}
              %p = Conv(%x, %w)
              %m = Mul(%s, %t)
              %y = Mul(%p, %m)
              return %y
            }
            """);
    }
}
