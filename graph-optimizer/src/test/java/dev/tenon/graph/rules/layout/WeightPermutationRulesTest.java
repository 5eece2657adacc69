package dev.tenon.graph.rules.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightPermutationRulesTest {
    private static String graph(String input, String nodes) {
        return "graph g(%x: f32" + input + ") {\n" + nodes.replace("; ", "\n") + "\nreturn out=%y\n}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        [n,1,2,3] | %t = Transpose<perm=[0, 3, 1, 2]>(%x); %f = Flatten(%t); %w = const f32[6,1] {1, 2, 3, 4, 5, 6}; %y = MatMul(%f, %w)                       | %const = const i64[2] {0, 6}; %Reshape = Reshape(%x, %const); %const_1 = const f32[6,1] {1, 3, 5, 2, 4, 6}; %y = MatMul(%Reshape, %const_1)
        [n,2,1,2] | %t = Transpose<perm=[0, 3, 1, 2]>(%x); %f = Flatten(%t); %w = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %y = Gemm(%f, %w)                   | %const = const i64[2] {0, 4}; %Reshape = Reshape(%x, %const); %const_1 = const f32[4,2] {1, 2, 5, 6, 3, 4, 7, 8}; %y = Gemm(%Reshape, %const_1)
        [n,2,1,2] | %s = const i64[2] {0, 4}; %t = Transpose<perm=[0, 3, 1, 2]>(%x); %f = Reshape(%t, %s); %w = const f32[2,4] {1, 2, 3, 4, 5, 6, 7, 8}; %b = const f32[2] {1, 2}; %y = Gemm<transB=1, alpha=2.0f>(%f, %w, %b) | %const = const i64[2] {0, 4}; %Reshape = Reshape(%x, %const); %const_1 = const f32[2,4] {1, 3, 2, 4, 5, 7, 6, 8}; %b = const f32[2] {1, 2}; %y = Gemm<alpha=2.0f, transB=1>(%Reshape, %const_1, %b)
        [n,k,2,2] | %s = const i64[3] {0, 0, 4}; %t = Transpose<perm=[0, 1, 3, 2]>(%x); %f = Reshape(%t, %s); %w = const f32[4,1] {1, 2, 3, 4}; %y = MatMul(%f, %w) | %const = const i64[3] {0, 0, 4}; %Reshape = Reshape(%x, %const); %const_1 = const f32[4,1] {1, 3, 2, 4}; %y = MatMul(%Reshape, %const_1)
        """)
    void weightsArePermutedInsteadOfFeatures(String input, String before, String after) {
        Rewrites.becomes(
                WeightPermutationRules.SET, "order-features-in-weights", graph(input, before), graph(input, after));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        does not join exactly the dimensions | [2,n,3]   | %s = const i64[2] {-1, 6}; %t = Transpose<perm=[1, 0, 2]>(%x); %f = Reshape(%t, %s); %w = const f32[6,1] {1, 2, 3, 4, 5, 6}; %y = MatMul(%f, %w)
        does not join exactly the dimensions | [1,1,1]   | %t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %w = const f32[1,1] {2}; %y = MatMul(%f, %w)
        two dimensions of the view             | [n,k,2,2] | %t = Transpose<perm=[0, 1, 3, 2]>(%x); %s = Shape(%z); %f = Reshape(%t, %s); %w = const f32[4,1] {1, 2, 3, 4}; %y = MatMul(%f, %w)
        does not join exactly the dimensions | [n,2,3]   | %s = const i64[3] {0, 3, 2}; %t = Transpose<perm=[0, 2, 1]>(%x); %f = Reshape(%t, %s); %w = const f32[2,1] {1, 2}; %y = MatMul(%f, %w)
        no matrix                              | [n,2,2]   | %s = const i64[2] {0, 4}; %t = Transpose<perm=[0, 2, 1]>(%x); %f = Reshape(%t, %s); %w = const f32[4] {1, 2, 3, 4}; %y = MatMul(%f, %w)
        transposes the features                     | [4,2,2]   | %s = const i64[2] {0, 4}; %t = Transpose<perm=[0, 2, 1]>(%x); %f = Reshape(%t, %s); %w = const f32[4,1] {1, 2, 3, 4}; %y = Gemm<transA=1>(%f, %w)
        %t is used 2 times                     | [4,2,2]   | %s = const i64[2] {0, 4}; %t = Transpose<perm=[0, 2, 1]>(%x); %f = Reshape(%t, %s); %w = const f32[4,2] {1, 2, 3, 4, 5, 6, 7, 8}; %p = MatMul(%f, %w); %u = ReduceSum<keepdims=0>(%t); %y = Add(%p, %u)
        the weights are shared                 | [n,2,2]   | %s = const i64[2] {0, 4}; %t = Transpose<perm=[0, 2, 1]>(%x); %f = Reshape(%t, %s); %w = const f32[4,4] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}; %p = MatMul(%f, %w); %y = MatMul(%p, %w)
        """)
    void othersAreRefused(String reason, String input, String nodes) {
        String text = graph(input, nodes).replace("[n,k,2,2])", "[n,k,2,2], %z: f32[1,n,k,4])");
        Rewrites.refuses(WeightPermutationRules.SET, "order-features-in-weights", text, reason);
    }

    @Test
    void weightsMustBeFloats() {
        Rewrites.refuses(
                WeightPermutationRules.SET,
                "order-features-in-weights",
                graph(
                                "[n,2,2]",
                                "%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %w = const i32[4,1] {1, 2, 3, 4};"
                                        + " %y = MatMul(%f, %w)")
                        .replace("%x: f32", "%x: i32"),
                "no matrix of floating-point numbers");
    }

    @Test
    void weightsKeepTheirFractions() {
        Rewrites.fires(
                WeightPermutationRules.SET,
                "order-features-in-weights",
                graph(
                        "[n,2,2]",
                        "%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t);"
                                + " %w = const f32[4,1] {0.25, -0.5, 1.75, 0.125}; %y = MatMul(%f, %w)"));
    }

    private static String bytes(String nodes) {
        return graph("[n,2,2]", nodes).replace("%x: f32", "%x: u8");
    }

    @Test
    void weightsOfIntegersArePermuted() {
        Rewrites.becomes(
                WeightPermutationRules.SET,
                "order-integer-features-in-weights",
                bytes("%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %w = const i8[4,1] {1, 2, -3, 4};"
                        + " %z = const u8[] {7}; %y = MatMulInteger(%f, %w, %z)"),
                bytes("%const = const i64[2] {0, 4}; %Reshape = Reshape(%x, %const);"
                        + " %const_1 = const i8[4,1] {1, -3, 2, 4}; %z = const u8[] {7};"
                        + " %y = MatMulInteger(%Reshape, %const_1, %z)"));
        for (String dims : List.of("4", "1,4,1", "2,4,1")) {
            String weights = dims.startsWith("2") ? "{1, 2, -3, 4, 5, 6, 7, 8}" : "{1, 2, -3, 4}";
            Rewrites.refuses(
                    WeightPermutationRules.SET,
                    "order-integer-features-in-weights",
                    bytes("%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %w = const i8[" + dims + "] " + weights
                            + "; %y = MatMulInteger(%f, %w)"),
                    "of rank 2");
        }
    }

    @Test
    void weightsOfPixelsArePermuted() {
        String before = "%t = Transpose<perm=[0, 2, 1]>(%x); %v = const i64[3] {1, -1, 4}; %f = Reshape(%t, %v);"
                + " %w = const i8[1,4,1] {1, 2, -3, 4}; %s = const f32[] {0.5}; %z = const u8[] {7}; %n = const i8[] {0};"
                + " %y = dev.tenon.ChannelsLast<op=\"QLinearConv\">(%f, %s, %z, %w, %s, %n, %s, %z)";
        Rewrites.becomes(
                WeightPermutationRules.SET,
                "order-pixels-in-weights",
                bytes(before),
                bytes(
                        "%const = const i64[3] {1, -1, 4}; %Reshape = Reshape(%x, %const);"
                                + " %s = const f32[] {0.5}; %z = const u8[] {7}; %const_1 = const i8[1,4,1] {1, -3, 2, 4};"
                                + " %n = const i8[] {0};"
                                + " %y = dev.tenon.ChannelsLast<op=\"QLinearConv\">(%Reshape, %s, %z, %const_1, %s, %n, %s, %z)"));
        Rewrites.refuses(
                WeightPermutationRules.SET,
                "order-pixels-in-weights",
                bytes(before.replace("i8[1,4,1] {1, 2, -3, 4}", "i8[2,2,1] {1, 2, -3, 4}")
                        .replace("QLinearConv\"", "QLinearConv\", group=2")),
                "no product of rows");
    }

    @Test
    void integersThatAreSharedStay() {
        Rewrites.refuses(
                WeightPermutationRules.SET,
                "order-integer-features-in-weights",
                bytes("%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %w = const i8[4,1] {1, 2, -3, 4};"
                        + " %a = MatMulInteger(%f, %w); %h = Flatten(%x); %b = MatMulInteger(%h, %w);"
                        + " %y = Add(%a, %b)"),
                "the weights are shared");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            not single pixels | %w = const i8[1,4,2] {1, 2, -3, 4, 5, 6, 7, 8}
            constant of rank  | %w = Neg(%k)
            constant of rank  | %w = const i8[1,4,1,1] {1, 2, -3, 4}
            """)
    void otherWeightsOfPixelsStay(String reason, String weights) {
        String view = weights.contains("1,1]") ? "%v = const i64[4] {1, 1, -1, 4}" : "%v = const i64[3] {1, -1, 4}";
        String text = bytes("%t = Transpose<perm=[0, 2, 1]>(%x); " + view + "; %f = Reshape(%t, %v); " + weights
                + "; %s = const f32[] {0.5}; %z = const u8[] {7}; %n = const i8[] {0};"
                + " %y = dev.tenon.ChannelsLast<op=\"QLinearConv\">(%f, %s, %z, %w, %s, %n, %s, %z)");
        Rewrites.refuses(
                WeightPermutationRules.SET,
                "order-pixels-in-weights",
                text.replace("[n,2,2])", "[n,2,2], %k: i8[1,4,1])"),
                reason);
    }

    @Test
    void pixelsOfFloatsStay() {
        Rewrites.refuses(
                WeightPermutationRules.SET,
                "order-pixels-in-weights",
                graph(
                        "[n,2,2]",
                        "%t = Transpose<perm=[0, 2, 1]>(%x); %v = const i64[3] {1, -1, 4}; %f = Reshape(%t, %v);"
                                + " %w = const f32[1,4,1] {1, 2, -3, 4};"
                                + " %y = dev.tenon.ChannelsLast<op=\"Conv\">(%f, %w)"),
                "no product of rows");
    }

    @Test
    void quantisingComesBeforeATranspose() {
        Rewrites.becomes(
                WeightPermutationRules.SET,
                "quantize-before-order",
                graph(
                        "[n,2,2]",
                        "%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %q, %s, %z = DynamicQuantizeLinear(%f);"
                                + " %y = DequantizeLinear(%q, %s, %z)"),
                graph(
                        "[n,2,2]",
                        "%DynamicQuantizeLinear_1, %s, %z = DynamicQuantizeLinear(%x);"
                                + " %Transpose = Transpose<perm=[0, 2, 1]>(%DynamicQuantizeLinear_1);"
                                + " %q = Flatten(%Transpose); %y = DequantizeLinear(%q, %s, %z)"));
        Rewrites.stays(
                WeightPermutationRules.SET,
                "quantize-before-order",
                graph(
                        "[n,2,2]",
                        "%t = Transpose<perm=[0, 2, 1]>(%x); %f = Flatten(%t); %g = Neg(%f);"
                                + " %q, %s, %z = DynamicQuantizeLinear(%g); %y = DequantizeLinear(%q, %s, %z)"));
        // The heads of an attention, which its own rules join: no weights can take this order.
        Rewrites.stays(
                WeightPermutationRules.SET,
                "quantize-before-order",
                graph(
                        "[n,2,3,4]",
                        "%t = Transpose<perm=[0, 2, 1, 3]>(%x); %f = Flatten<axis=2>(%t);"
                                + " %q, %s, %z = DynamicQuantizeLinear(%f); %y = DequantizeLinear(%q, %s, %z)"));
    }

    @Test
    void veryManyWeightsAreLeft() {
        GraphBuilder builder = new GraphBuilder("g");
        Value x = builder.input("x", (TensorType) ValueType.parse("f32[n,2,2]"));
        Value transposed = builder.add(new Transpose(List.of(0, 2, 1)), x);
        Value view = builder.constant(Tensor.of(new long[] {0, 4}));
        Value features = builder.add(new Reshape(false), transposed, view);
        Value weights = builder.constant(Tensor.allocate(DType.FLOAT32, 4, (1 << 22) + 1));
        builder.output("y", builder.add(new MatMul(), features, weights));
        Graph graph = builder.build();
        RewriteTrace trace = new RewriteTrace();
        assertThat(new Rewriter(WeightPermutationRules.SET).apply(graph, trace)).isSameAs(graph);
        assertThat(trace.nearMisses())
                .anySatisfy(m -> assertThat(m.reason()).isEqualTo("16777220 weights are too many to permute"));
    }

    @Test
    void aBatchThatTheViewTakesApartIsLeft() {
        Rewrites.refuses(
                WeightPermutationRules.SET,
                "order-features-in-weights",
                graph("[2,3,4]", """
                %s = const i64[2] {4, 6}
                %t = Transpose<perm=[0, 2, 1]>(%x)
                %f = Reshape(%t, %s)
                %w = const f32[6,1] {1, 2, 3, 4, 5, 6}
                %y = MatMul(%f, %w)"""),
                "does not join exactly the dimensions");
    }
}
