package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators between DequantizeLinear and QuantizeLinear. Scales are powers of two, so that floats are exact. */
class QdqRulesTest {
    private static final String CONSTANTS = """
        %s = const f32[] {0.5}
        %t = const f32[1] {0.25}
        %u = const f32[] {2.0}
        %z = const u8[] {128}
        %p = const u8[] {100}
        %n = const u8[] {0}
        """;

    private static String graph(String inputs, String nodes) {
        return "graph g(" + inputs + ") {\n" + CONSTANTS + nodes.replace("; ", "\n") + "\nreturn %y\n}";
    }

    private static List<String> operators(Graph graph) {
        return graph.nodes().stream()
                .map(Node::op)
                .map(op -> op.schema().name())
                .toList();
    }

    private static final String CONVOLUTION = """
        %w = const i8[4,2,1,1] {1, -2, 3, 100, 7, -128, 127, 0}
        %ws = const f32[4] {0.25, 0.5, 1, 0.25}
        %wz = const i8[4] {0, 0, 0, 0}
        %b = const i32[4] {50, -700, 3, 0}
        %bs = const f32[4] {0.125, 0.25, 0.5, 0.125}
        %dx = DequantizeLinear(%x, %s, %z)
        %dw = DequantizeLinear<axis=0>(%w, %ws, %wz)
        %db = DequantizeLinear<axis=0>(%b, %bs)
        %c = Conv(%dx, %dw, %db)
        """;

    @Test
    void aConvolutionIsOneOfBytes() {
        Rewrites.becomes(
                QdqRules.SET,
                "qdq-convolution",
                graph("%x: u8[n,2,3,5]", CONVOLUTION + "%y = QuantizeLinear(%c, %u, %p)"),
                """
                graph g(%x: u8[n,2,3,5]) {
                  %const = const f32[] {0.5}
                  %const_1 = const u8[] {128}
                  %w = const i8[4,2,1,1] {1, -2, 3, 100, 7, -128, 127, 0}
                  %const_2 = const f32[4] {0.25, 0.5, 1.0, 0.25}
                  %const_3 = const i8[4] {0, 0, 0, 0}
                  %const_4 = const f32[] {2.0}
                  %const_5 = const u8[] {100}
                  %const_6 = const i32[4] {50, -700, 3, 0}
                  %y: u8[n,4,3,5] = QLinearConv(%x, %const, %const_1, %w, %const_2, %const_3, %const_4, %const_5, %const_6)
                  return %y
                }
                """);
    }

    @Test
    void anActivationThatQuantisingImpliesDisappears() {
        Graph result = Rewrites.fires(
                QdqRules.SET,
                "qdq-convolution",
                graph("%x: u8[n,2,3,5]", CONVOLUTION + "%r = Relu(%c); %y = QuantizeLinear(%r, %u, %n)"));
        assertThat(operators(result)).containsExactly("QLinearConv");
        Rewrites.fires(
                QdqRules.SET,
                "qdq-convolution",
                graph(
                        "%x: u8[n,2,3,5]",
                        CONVOLUTION
                                + "%l = const f32[] {0}; %h = const f32[] {510}; %r = Clip(%c, %l, %h);"
                                + " %y = QuantizeLinear(%r, %u, %n)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %h = const f32[1] {510}; %r = Clip(%c, _, %h); %y = QuantizeLinear(%r, %u, %n)
            %l = const f32[] {-200}; %r = Clip(%c, %l); %y = QuantizeLinear(%r, %u, %p)
            %i = const i8[] {-128}; %r = Relu(%c); %y = QuantizeLinear(%r, %u, %i)
            %y = QuantizeLinear<precision=1>(%c, %u, %p)
            %y = QuantizeLinear(%c, %u)
            """)
    void boundsMayBeLeftOut(String nodes) {
        Graph result = Rewrites.fires(QdqRules.SET, "qdq-convolution", graph("%x: u8[n,2,3,5]", CONVOLUTION + nodes));
        assertThat(operators(result)).containsExactly("QLinearConv");
    }

    @Test
    void aBiasOfFloatsIsRounded() {
        String floats = CONVOLUTION.replace(
                "%db = DequantizeLinear<axis=0>(%b, %bs)", "%db = const f32[4] {6.25, -175, 1.5, 0}");
        Rewrites.fires(
                QdqRules.SET, "qdq-convolution", graph("%x: u8[n,2,3,5]", floats + "%y = QuantizeLinear(%c, %u, %p)"));
    }

    @Test
    void aBiasThatMayOverflowIsMadeSmallerIfResultsSaturate() {
        Rewrites.fires(
                QdqRules.SET,
                "qdq-convolution",
                graph(
                        "%x: u8[n,2,3,5]",
                        CONVOLUTION.replace("-700", "-2147483647") + "%y = QuantizeLinear(%c, %u, %p)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            an activation that clips more     | %r = Relu(%c); %y = QuantizeLinear(%r, %u, %p)
            bounds that are computed          | %l = ReduceMin<keepdims=0>(%c); %r = Clip(%c, %l); %y = QuantizeLinear(%r, %u, %n)
            integers of 16 bits               | %q = const i16[] {3}; %y = QuantizeLinear(%c, %u, %q)
            an upper bound that clips more    | %l = const f32[] {0}; %h = const f32[] {100}; %r = Clip(%c, %l, %h); %y = QuantizeLinear(%r, %u, %n)
            a lower bound that clips more     | %l = const f32[] {-2}; %r = Clip(%c, %l); %y = QuantizeLinear(%r, %u, %p)
            an activation with another use    | %r = Relu(%c); %q = QuantizeLinear(%r, %u, %n); %d = DequantizeLinear(%q, %u, %n); %y = Add(%d, %r)
            a result with another use         | %q = QuantizeLinear(%c, %u, %n); %d = DequantizeLinear(%q, %u, %n); %y = Add(%d, %c)
            a scale of 16 bits                | %o = const f16[] {2}; %y = QuantizeLinear(%c, %o, %p)
            a precision of 16 bits            | %y = QuantizeLinear<precision=10>(%c, %u, %p)
            a zero point that is computed     | %q = Max(%p, %n); %y = QuantizeLinear(%c, %u, %q)
            a scale that is too small         | %o = const f32[] {1.0E-39}; %y = QuantizeLinear(%c, %o, %p)
            """)
    void othersStay(String what, String nodes) {
        Rewrites.stays(QdqRules.SET, graph("%x: u8[n,2,3,5]", CONVOLUTION + nodes));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            the integers are i16        | %x: u8[2]  | %d = DequantizeLinear(%x, %s, %z); %a = Softmax(%d); %q = const i16[] {3}; %y = QuantizeLinear(%a, %s, %q)
            the integers are i16        | %x: u8[2]  | %d = DequantizeLinear(%x, %s, %z); %a = Neg(%d); %q = const i16[] {3}; %y = QuantizeLinear(%a, %s, %q)
            is not one constant         | %x: u8[2]  | %d = DequantizeLinear(%x, %s, %z); %a = Neg(%d); %y = QuantizeLinear<block_size=2>(%a, %t)
            does not round from f32     | %x: u8[2]  | %f = Cast<to=10>(%x); %a = Neg(%f); %y = QuantizeLinear(%a, %s, %z)
            does not round from f32     | %x: u8[2]  | %f = Cast<to=6>(%x); %y = QuantizeLinear(%f, %s, %z)
            does not round from f32     | %x: u8[2]  | %d = DequantizeLinear(%x, %s, %z); %a = Neg(%d); %y = QuantizeLinear<precision=10>(%a, %s, %z)
            does not round from f32     | %x: u8[2]  | %d = DequantizeLinear(%x, %s, %z); %a = Neg(%d); %o = const f32[] {1.0E-39}; %y = QuantizeLinear(%a, %o, %z)
            no function of one value    | %x: f32[2] | %y = QuantizeLinear(%x, %s, %z)
            no function of one value    | %x: i32[2] | %f = Cast<to=1>(%x); %a = Neg(%f); %y = QuantizeLinear(%a, %s, %z)
            no function of one value    | %x: u8[2]  | %d = DequantizeLinear(%x, %s, %z); %k = RandomUniform<shape=[]>(); %a = Mul(%d, %k); %y = QuantizeLinear(%a, %s, %z)
            no function of one value    | %x: u8[2]  | %w = const u8[2] {1, 2}; %d = DequantizeLinear(%w, %s, %z); %a = Neg(%d); %y = QuantizeLinear(%a, %s, %z)
            no function of one value    | %x: u8[2]  | %w = const f32[2] {1, 2}; %d = DequantizeLinear<axis=0>(%x, %w); %a = Neg(%d); %y = QuantizeLinear(%a, %s, %z)
            """)
    void functionsOfOthersAreRefused(String reason, String input, String nodes) {
        Rewrites.refuses(
                QdqRules.SET.where(r -> r.name().equals("qdq-function")), "qdq-function", graph(input, nodes), reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            several types | qdq-sum     | %a = DequantizeLinear(%b, %s); %e = Add(%d, %a); %y = QuantizeLinear(%e, %u, %z)
            several types | qdq-sum     | %a = DequantizeLinear(%b, %s); %e = Add(%a, %d); %y = QuantizeLinear(%e, %u, %z)
            several types | qdq-sum     | %a = DequantizeLinear(%b, %s); %e = Add(%d, %a); %i = const i8[] {3}; %y = QuantizeLinear(%e, %u, %i)
            the same type | qdq-average | %e = GlobalAveragePool(%d); %i = const i8[] {3}; %y = QuantizeLinear(%e, %u, %i)
            lines or planes | qdq-average | %v = const i64[5] {1, 2, 2, 2, 2}; %r = Reshape(%x, %v); %j = DequantizeLinear(%r, %s, %z); %e = GlobalAveragePool(%j); %y = QuantizeLinear(%e, %u, %z)
            are dilated   | qdq-average | %e = AveragePool<kernel_shape=[2, 1], dilations=[1, 2]>(%d); %y = QuantizeLinear(%e, %u, %z)
            not constant  | qdq-product | %m = MatMul(%f, %w); %e = Add(%g, %m); %y = QuantizeLinear(%e, %u, %z)
            no product    | qdq-product | %m = MatMul(%f, %w); %e = Add(%m, %m); %y = QuantizeLinear(%e, %u, %z)
            no constant matrix | qdq-product | %k = const i8[1,2,1] {1, 2}; %a = DequantizeLinear(%k, %s); %e = MatMul(%f, %a); %y = QuantizeLinear(%e, %u, %z)
            factors       | qdq-product | %o = const f32[2] {1, 2}; %e = Gemm<beta=2.0f>(%f, %w, %o); %y = QuantizeLinear(%e, %u, %z)
            factors       | qdq-product | %e = Gemm<transA=1>(%f, %w); %y = QuantizeLinear(%e, %u, %z)
            same scale    | qdq-move    | %j = const i8[] {3}; %a = DequantizeLinear(%b, %s, %j); %e = Flatten(%a); %i = const u8[] {3}; %y = QuantizeLinear(%e, %s, %i)
            same scale    | qdq-move    | %e = Flatten(%d); %y = QuantizeLinear(%e, %u, %z)
            same scale    | qdq-move    | %e = Flatten(%d); %y = QuantizeLinear(%e, %s, %p)
            same scale    | qdq-move    | %e = MaxPool<kernel_shape=[2, 2], dilations=[1, 2]>(%d); %y = QuantizeLinear(%e, %s, %z)
            same scale    | qdq-move    | %e, %k = MaxPool<kernel_shape=[2, 2]>(%d); %y = QuantizeLinear(%e, %s, %z)
            same scale    | qdq-move    | %y = QuantizeLinear(%g, %s, %z)
            """)
    void theReasonsAreTold(String reason, String rule, String nodes) {
        String inputs = "%x: u8[1,2,2,4], %b: i8[1,2,2,4], %h: u8[2,2], %g: f32[2,2]";
        String operands = "%d = DequantizeLinear(%x, %s, %z); %f = DequantizeLinear(%h, %s, %z);"
                + " %l = const i8[2,2] {1, 2, 3, 4}; %w = DequantizeLinear(%l, %s); ";
        Rewrites.refuses(QdqRules.SET.where(r -> r.name().equals(rule)), rule, graph(inputs, operands + nodes), reason);
    }

    @Test
    void aProductWithAnotherUseKeepsItsBias() {
        Rewrites.stays(
                QdqRules.SET,
                "qdq-product",
                graph(
                        "%x: u8[n,3]",
                        PRODUCT + "%b = const f32[2] {6.25, -8.75}; %m = MatMul(%dx, %dw); %c = Add(%m, %b);"
                                + " %q = QuantizeLinear(%c, %u, %p); %d = DequantizeLinear(%q, %u, %p);"
                                + " %y = Add(%d, %m)"));
    }

    @Test
    void aFactorOfNoBiasDoesNotMatter() {
        Rewrites.fires(
                QdqRules.SET,
                "qdq-product",
                graph("%x: u8[n,3]", PRODUCT + "%c = Gemm<beta=2.0f>(%dx, %dw); %y = QuantizeLinear(%c, %u, %p)"));
    }

    @Test
    void numbersThatAreGivenStay() {
        Rewrites.stays(QdqRules.SET, graph("%x: f32[2]", "%y = QuantizeLinear(%x, %s, %z)"));
    }

    @Test
    void convolutionsWithoutAKernelStay() {
        Rewrites.refuses(
                QdqRules.SET,
                "qdq-convolution",
                graph(
                        "%x: u8[n,2,9,9]",
                        CONVOLUTION.replace("= Conv(", "= Conv<dilations=[2, 2]>(")
                                + "%y = QuantizeLinear(%c, %u, %p)"),
                "its windows are dilated");
        Rewrites.stays(
                QdqRules.SET,
                graph(
                        "%x: u8[n,2,9,9], %m: f32[4,2,1,1]",
                        "%d = DequantizeLinear(%x, %s, %z); %c = Conv(%d, %m); %y = QuantizeLinear(%c, %u, %p)"));
    }

    @Test
    void aSumIsOneOfBytes() {
        Rewrites.becomes(
                QdqRules.SET,
                "qdq-sum",
                graph(
                        "%x: u8[n,7], %k: u8[n,7]",
                        "%a = DequantizeLinear(%x, %s, %z); %b = DequantizeLinear(%k, %t, %p); %c = Add(%a, %b);"
                                + " %y = QuantizeLinear(%c, %u, %z)"),
                """
                graph g(%x: u8[n,7], %k: u8[n,7]) {
                  %const = const f32[] {0.5}
                  %const_1 = const u8[] {128}
                  %const_2 = const f32[] {0.25}
                  %const_3 = const u8[] {100}
                  %const_4 = const f32[] {2.0}
                  %const_5 = const u8[] {128}
                  %y: u8[n,7] = com.microsoft.QLinearAdd(%x, %const, %const_1, %k, %const_2, %const_3, %const_4, %const_5)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            to have the same shape   | %x: u8[n,7], %k: u8[7]   | %z | %y = QuantizeLinear(%c, %u, %z)
            are of several types     | %x: u8[n,7], %k: i8[n,7] | %i | %y = QuantizeLinear(%c, %u, %z)
            """)
    void sumsOfOthersStay(String reason, String inputs, String zero, String nodes) {
        Rewrites.refuses(
                QdqRules.SET,
                "qdq-sum",
                graph(
                        inputs,
                        "%i = const i8[] {3}; %a = DequantizeLinear(%x, %s, %z); %b = DequantizeLinear(%k, %s, " + zero
                                + "); %c = Add(%a, %b); " + nodes),
                reason);
    }

    private static final String PRODUCT = """
        %w = const i8[3,2] {1, -2, 3, 100, 7, -128}
        %ws = const f32[2] {0.25, 0.5}
        %wz = const i8[2] {0, 1}
        %dx = DequantizeLinear(%x, %s, %z)
        %dw = DequantizeLinear<axis=1>(%w, %ws, %wz)
        """;

    @Test
    void aProductIsOneOfIntegers() {
        Rewrites.becomes(
                QdqRules.SET,
                "qdq-product",
                graph("%x: u8[n,3]", PRODUCT + "%c = MatMul(%dx, %dw); %y = QuantizeLinear(%c, %u, %p)"),
                """
                graph g(%x: u8[n,3]) {
                  %const = const i8[3,2] {1, -2, 3, 100, 7, -128}
                  %const_1 = const u8[] {128}
                  %const_2 = const i8[2] {0, 1}
                  %const_3 = const f32[2] {0.0625, 0.125}
                  %const_4 = const f32[] {1.0}
                  %const_5 = const u8[] {100}
                  %MatMulInteger: i32[n,2] = MatMulInteger(%x, %const, %const_1, %const_2)
                  %Cast: f32[n,2] = Cast<to=1>(%MatMulInteger)
                  %Mul: f32[n,2] = Mul(%Cast, %const_3)
                  %y: u8[n,2] = QuantizeLinear(%Mul, %const_4, %const_5)
                  return %y
                }
                """);
    }

    @Test
    void aBiasOfAProductIsAddedToIntegers() {
        String bias = "%b = const i32[2] {50, -70}; %bs = const f32[2] {0.125, 0.25};"
                + " %db = DequantizeLinear<axis=0>(%b, %bs); ";
        Rewrites.fires(
                QdqRules.SET,
                "qdq-product",
                graph(
                        "%x: u8[n,3]",
                        PRODUCT + bias + "%m = MatMul(%dx, %dw); %c = Add(%m, %db); %y = QuantizeLinear(%c, %u, %p)"));
        Graph result = Rewrites.fires(
                QdqRules.SET,
                "qdq-product",
                graph(
                        "%x: u8[n,3]",
                        PRODUCT.replace("i8[3,2] {1, -2, 3, 100, 7, -128}", "i8[2,3] {1, 3, 7, -2, 100, -128}")
                                        .replace("<axis=1>", "<axis=0>")
                                + bias
                                + "%c = Gemm<transB=1>(%dx, %dw, %db); %y = QuantizeLinear(%c, %u, %p)"));
        assertThat(operators(result)).containsExactly("MatMulInteger", "Add", "Cast", "Mul", "QuantizeLinear");
    }

    @Test
    void weightsOfFourBitsBecomeBytes() {
        String product = PRODUCT.replace(
                        "%w = const i8[3,2] {1, -2, 3, 100, 7, -128}", "%w = const i4[3,2] {1, -2, 3, 7, 0, -8}")
                .replace("%wz = const i8[2] {0, 1}", "%wz = const i4[2] {0, 1}");
        Graph result = Rewrites.fires(
                QdqRules.SET,
                "qdq-product",
                graph("%x: u8[n,3]", product + "%c = MatMul(%dx, %dw); %y = QuantizeLinear(%c, %u, %p)"));
        assertThat(operators(result)).containsExactly("MatMulInteger", "Cast", "Mul", "QuantizeLinear");
        String convolution = CONVOLUTION
                .replace(
                        "%w = const i8[4,2,1,1] {1, -2, 3, 100, 7, -128, 127, 0}",
                        "%w = const u4[4,2,1,1] {1, 12, 3, 15, 7, 0, 8, 11}")
                .replace("%wz = const i8[4] {0, 0, 0, 0}", "%wz = const u4[4] {8, 8, 8, 0}");
        Graph joined = Rewrites.fires(
                QdqRules.SET,
                "qdq-convolution",
                graph("%x: u8[n,2,3,5]", convolution + "%y = QuantizeLinear(%c, %u, %p)"));
        assertThat(operators(joined)).containsExactly("QLinearConv");
    }

    @Test
    void valuesOfFourBitsThatAreComputedStay() {
        Rewrites.stays(
                QdqRules.SET,
                graph(
                        "%x: u8[n,3], %w: i4[3,2]",
                        "%d = DequantizeLinear(%x, %s, %z); %f = DequantizeLinear(%w, %s); %c = MatMul(%d, %f);"
                                + " %y = QuantizeLinear(%c, %u, %p)"));
    }

    @Test
    void aProductWithAFactorStays() {
        Rewrites.refuses(
                QdqRules.SET,
                "qdq-product",
                graph("%x: u8[n,3]", PRODUCT + "%c = Gemm<alpha=2.0f>(%dx, %dw); %y = QuantizeLinear(%c, %u, %p)"),
                "it has factors");
    }

    @Test
    void anAverageIsOneOfBytes() {
        String before = "%d = DequantizeLinear(%x, %s, %z); ";
        Rewrites.becomes(
                QdqRules.SET,
                "qdq-average",
                graph(
                        "%x: u8[n,64,4,4]",
                        before + "%c = AveragePool<kernel_shape=[2, 2]>(%d); %y = QuantizeLinear(%c, %u, %p)"),
                """
                graph g(%x: u8[n,64,4,4]) {
                  %const = const f32[] {0.5}
                  %const_1 = const u8[] {128}
                  %const_2 = const f32[] {2.0}
                  %const_3 = const u8[] {100}
                  %y: u8[n,64,3,3] = com.microsoft.QLinearAveragePool<kernel_shape=[2, 2]>(%x, %const, %const_1, %const_2, %const_3)
                  return %y
                }
                """);
        Rewrites.fires(
                QdqRules.SET,
                "qdq-average",
                graph(
                        "%x: u8[n,64,4,4]",
                        before + "%c = AveragePool<kernel_shape=[2, 2], dilations=[1, 1]>(%d);"
                                + " %y = QuantizeLinear(%c, %u, %p)"));
        Rewrites.fires(
                QdqRules.SET,
                "qdq-average",
                graph("%x: u8[n,64,4,4]", before + "%c = GlobalAveragePool(%d); %y = QuantizeLinear(%c, %u, %p)"));
    }

    @Test
    void anAverageOfAnUnknownPlaneStays() {
        String nodes = "%d = DequantizeLinear(%x, %s, %z); %c = GlobalAveragePool(%d); %y = QuantizeLinear(%c, %u, %p)";
        Rewrites.refuses(QdqRules.SET, "qdq-average", graph("%x: u8[n,64,4,w]", nodes), "dimension 3 is not known");
    }

    @Test
    void aMoveIsOneOfBytes() {
        Rewrites.becomes(
                QdqRules.SET,
                "qdq-move",
                graph(
                        "%x: u8[n,3,2]",
                        "%d = DequantizeLinear(%x, %s, %z); %c = Transpose<perm=[1, 0, 2]>(%d);"
                                + " %y = QuantizeLinear(%c, %s, %z)"),
                """
                graph g(%x: u8[n,3,2]) {
                  %y: u8[3,n,2] = Transpose<perm=[1, 0, 2]>(%x)
                  return %y
                }
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Transpose | %c = Transpose<perm=[1, 0, 2]>(%d)
            Reshape   | %r = const i64[2] {0, -1}; %c = Reshape(%d, %r)
            Flatten   | %c = Flatten<axis=1>(%d)
            MaxPool   | %c = MaxPool<kernel_shape=[2]>(%d)
            Unsqueeze | %r = const i64[1] {0}; %c = Unsqueeze(%d, %r)
            MaxPool   | %c = MaxPool<kernel_shape=[2], dilations=[1]>(%d)
            """)
    void bytesAreMoved(String operator, String node) {
        Graph result = Rewrites.fires(
                QdqRules.SET,
                "qdq-move",
                graph(
                        "%x: u8[n,3,2]",
                        "%d = DequantizeLinear(%x, %s, %z); " + node + "; %y = QuantizeLinear(%c, %s, %z)"));
        assertThat(operators(result)).containsExactly(operator);
        String other = "; %y = QuantizeLinear(%c, %s, %p)";
        if (operator.equals("MaxPool")) {
            Rewrites.refuses(
                    QdqRules.SET,
                    "qdq-move",
                    graph("%x: u8[n,3,2]", "%d = DequantizeLinear(%x, %s, %z); " + node + other),
                    "it moves no bytes with the same scale");
        } else {
            Graph table = Rewrites.fires(
                    QdqRules.SET,
                    "qdq-function",
                    graph("%x: u8[n,3,2]", "%d = DequantizeLinear(%x, %s, %z); " + node + other));
            assertThat(operators(table)).containsExactly("ByteTable", operator);
        }
    }

    @ParameterizedTest
    @CsvSource({"%z, qdq-move", "%p, qdq-function"})
    void bytesLoseADimension(String zero, String rule) {
        Graph result = Rewrites.fires(
                QdqRules.SET,
                rule,
                graph(
                        "%x: u8[n,1,2]",
                        "%d = DequantizeLinear(%x, %s, %z); %r = const i64[1] {1}; %c = Squeeze(%d, %r);"
                                + " %y = QuantizeLinear(%c, %s, " + zero + ")"));
        assertThat(operators(result)).last().isEqualTo("Squeeze");
    }

    @Test
    void partsAreQuantisedBeforeTheyAreJoined() {
        String parts = "%a = DequantizeLinear(%x, %s, %z); %b = DequantizeLinear(%k, %t, %p);"
                + " %c = Concat<axis=1>(%a, %b); %y = QuantizeLinear(%c, %s, %z)";
        Graph result = Rewrites.fires(QdqRules.SET, "qdq-concatenation", graph("%x: u8[n,3], %k: u8[n,2]", parts));
        assertThat(operators(result)).containsExactly("ByteTable", "Concat");
        RuleSet one = QdqRules.SET.where(rule -> rule.name().equals("qdq-concatenation"));
        Rewrites.becomes(one, "qdq-concatenation", graph("%x: u8[n,3], %k: u8[n,2]", parts.replace("%t", "%u")), """
                graph g(%x: u8[n,3], %k: u8[n,2]) {
                  %u = const f32[] {2.0}
                  %p = const u8[] {100}
                  %const = const f32[] {0.5}
                  %const_1 = const u8[] {128}
                  %b: f32[n,2] = DequantizeLinear(%k, %u, %p)
                  %QuantizeLinear: u8[n,2] = QuantizeLinear(%b, %const, %const_1)
                  %y: u8[n,5] = Concat<axis=1>(%x, %QuantizeLinear)
                  return %y
                }
                """);
        Rewrites.refuses(
                QdqRules.SET,
                "qdq-concatenation",
                graph(
                        "%x: u8[n,3], %k: f32[n,2]",
                        "%a = DequantizeLinear(%x, %s, %z); %c = Concat<axis=1>(%a, %k);"
                                + " %y = QuantizeLinear(%c, %s, %z)"),
                "its operands are not dequantised");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            u8 | %a = Sigmoid(%d); %y = QuantizeLinear(%a, %e, %n)
            u8 | %k = const f32[] {3}; %a = Add(%d, %k); %b = Relu(%a); %c = Div(%b, %u); %y = QuantizeLinear(%c, %s, %p)
            u8 | %y = QuantizeLinear(%d, %u, %n)
            i8 | %a = LeakyRelu<alpha=0.3f>(%d); %i = const i8[] {-3}; %y = QuantizeLinear(%a, %u, %i)
            u8 | %k = DequantizeLinear(%p, %s, %z); %a = Mul(%d, %k); %y = QuantizeLinear(%a, %u, %z)
            u8 | %f = Cast<to=1>(%x); %a = Mul(%f, %s); %y = QuantizeLinear(%a, %u, %z)
            u8 | %a = Clip(%d, _, %u); %y = QuantizeLinear(%a, %s, %z)
            u8 | %k = Clip(%u, _, %s); %a = Mul(%d, %k); %y = QuantizeLinear(%a, %s, %z)
            i8 | %b = Cast<to=2>(%x); %c = Equal(%b, %z); %f = Cast<to=1>(%c); %y = QuantizeLinear(%f, %s, %n)
            u8 | %a = Sigmoid(%d); %y = QuantizeLinear<precision=1>(%a, %e, %n)
            i8 | %a = HardSwish(%d); %y = QuantizeLinear(%a, %u, %n)
            """)
    void aFunctionOfBytesIsATable(String type, String nodes) {
        Graph result = Rewrites.fires(
                QdqRules.SET,
                "qdq-function",
                graph(
                        "%x: " + type + "[n,3,2]",
                        "%e = const f32[] {0.00390625}; %xz = const " + type
                                + "[] {5}; %d = DequantizeLinear(%x, %s, %xz); " + nodes));
        assertThat(operators(result)).containsExactly("ByteTable");
    }

    /** A graph with a table of 256 bytes. */
    private static String withTable(String inputs, String table, IntUnaryOperator function, String nodes) {
        String bytes = IntStream.range(0, 256)
                .map(function)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", "));
        return "graph g(" + inputs + ") {\n%" + table + " = const u8[256] {" + bytes + "}\n" + nodes.replace("; ", "\n")
                + "\nreturn %y\n}";
    }

    @Test
    void theTableHoldsTheFunction() {
        Rewrites.becomes(
                QdqRules.SET,
                "qdq-function",
                graph("%x: u8[n]", "%d = DequantizeLinear(%x, %s, %z); %a = Relu(%d); %y = QuantizeLinear(%a, %s, %z)"),
                withTable("%x: u8[n]", "const", b -> Math.max(b, 128), "%y = dev.tenon.ByteTable(%x, %const)"));
    }

    @Test
    void tablesAreJoinedIfBothAreConstant() {
        String twice = "%i = dev.tenon.ByteTable(%x, %k); %y = dev.tenon.ByteTable(%i, %t)";
        Rewrites.becomes(
                QdqRules.SET,
                "function-of-function",
                withTable("%x: u8[n]", "t", b -> 255 - b, twice.replace("%k", "%t")),
                withTable("%x: u8[n]", "const", b -> b, "%y = dev.tenon.ByteTable(%x, %const)"));
        Rewrites.stays(
                QdqRules.SET, "function-of-function", withTable("%x: u8[n], %k: u8[256]", "t", b -> 255 - b, twice));
    }

    @Test
    void aFunctionOfAFunctionIsOneTable() {
        Graph result = Rewrites.fires(
                QdqRules.SET,
                "function-of-function",
                graph(
                        "%x: u8[n]",
                        "%d = DequantizeLinear(%x, %s, %z); %a = Sin(%d); %q = QuantizeLinear(%a, %t, %p);"
                                + " %f = DequantizeLinear(%q, %t, %p); %b = Exp(%f); %y = QuantizeLinear(%b, %t, %n)"));
        assertThat(operators(result)).containsExactly("ByteTable");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            another value       | %a = Mul(%d, %k); %y = QuantizeLinear(%a, %s, %z)
            several constants   | %w = const f32[2] {1, 2}; %a = Mul(%d, %w); %y = QuantizeLinear(%a, %s, %z)
            neighbours          | %a = Softmax(%d); %y = QuantizeLinear(%a, %s, %z)
            """)
    void othersAreNoFunctionsOfBytes(String what, String nodes) {
        Rewrites.refuses(
                QdqRules.SET,
                "qdq-function",
                graph("%x: u8[n,2], %k: f32[n,2]", "%d = DequantizeLinear(%x, %s, %z); " + nodes),
                "it is no function of one value of bytes");
    }
}
