package dev.tenon.graph.rules.precision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rewriter;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.Rewrites;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products and convolutions that are computed in fewer bits with results that are near, and those that are not. */
class PrecisionRulesTest {
    /** Errors are this part of the largest result at most. */
    private static final double NEAR = 0.02;

    /** A graph with weights of whole numbers whose greatest are in the first row and column. */
    private static String text(String input, String weights, String nodes, String first) {
        String dims = weights.substring(weights.indexOf('[') + 1, weights.indexOf(']'));
        int count = Arrays.stream(dims.split(",")).mapToInt(Integer::parseInt).reduce(1, (a, b) -> a * b);
        int columns = Integer.parseInt(dims.split(",")[1]);
        StringJoiner elements = new StringJoiner(", ", "{", "}").add(first);
        for (int i = 1; i < count; i++) {
            elements.add(
                    i % columns == 0
                            ? "254"
                            : i < columns ? "127" : Integer.toString((i * 89 + i / columns * 7) % 255 - 127));
        }
        return "graph g(%x: " + input + ") {\n%w = const " + weights + " " + elements + "\n" + nodes.replace("; ", "\n")
                + "\nreturn %y\n}";
    }

    private static List<RuleSet> sets() {
        return List.of(PrecisionRules.INT8_DYNAMIC, PrecisionRules.BF16);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f32[n,32]   | f32[32,32] | MatMul | %y = MatMul(%x, %w)
            f32[n,16]   | f32[16,64] | MatMul | %y = MatMul(%x, %w)
            f32[32]     | f32[32,32] | MatMul | %y = MatMul(%x, %w)
            f32[n,2,32] | f32[32,32] | MatMul | %y = MatMul(%x, %w)
            f32[n,32]   | f32[32,32] | MatMul | %y = Gemm(%x, %w)
            f32[n,32]   | f32[32,64] | MatMul, Add | %c = const f32[] {1000}; %y = Gemm(%x, %w, %c)
            f32[n,16]   | f32[64,16] | MatMul | %y = Gemm<transB=1>(%x, %w)
            f32[n,70]   | f32[15,70] | MatMul | %y = Gemm<transB=1>(%x, %w)
            f32[n,5,32] | f32[32,32,1] | MatMul | %y = dev.tenon.ChannelsLast<op="Conv">(%x, %w)
            f32[n,5,32] | f32[32,32,1] | MatMul | %y = dev.tenon.ChannelsLast<op="Conv", strides=[1], pads=[0, 0]>(%x, %w)
            f32[n,5,40] | f32[32,40,1] | MatMul, Add | %c = const f32[1] {1000}; %b = const i64[1] {32}; %d = Expand(%c, %b); %y = dev.tenon.ChannelsLast<op="Conv">(%x, %w, %d)
            """)
    void productsAreNear(String input, String weights, String operators, String nodes) {
        Graph graph = Graphs.parse(text(input, weights, nodes, "127"));
        for (RuleSet set : sets()) {
            Graph result = new Rewriter(set).apply(graph, new RewriteTrace());
            GraphVerifier.verify(result);
            String product = set == PrecisionRules.BF16 ? "BFloat16MatMul" : "DynamicQuantizedMatMul";
            assertThat(Rewrites.operators(result))
                    .filteredOn(name -> !name.equals("Expand"))
                    .containsExactly(operators.replace("MatMul", product).split(", "));
            requireNear(graph, result);
        }
    }

    private static void requireNear(Graph graph, Graph result) {
        List<Datum> inputs = Rewrites.random(graph, 7);
        Tensor expected =
                (Tensor) Graphs.run(graph, inputs.toArray(Tensor[]::new)).getFirst();
        Tensor found =
                (Tensor) Graphs.run(result, inputs.toArray(Tensor[]::new)).getFirst();
        assertThat(found.type()).isEqualTo(expected.type());
        double largest = 0;
        for (long i = 0; i < expected.size(); i++) {
            largest = Math.max(largest, Math.abs(expected.getDouble(i)));
        }
        for (long i = 0; i < expected.size(); i++) {
            assertThat(Math.abs(found.getDouble(i) - expected.getDouble(i)))
                    .as("%s for %s of at most %s", found.getDouble(i), expected.getDouble(i), largest)
                    .isLessThan(NEAR * largest);
        }
    }

    /** Fails unless a rule makes one graph of another, with results that are near, and decides on its near misses as it did. */
    private static void becomes(RuleSet set, String rule, String before, String after) {
        Graph graph = Graphs.parse(before);
        RewriteTrace trace = new RewriteTrace();
        Graph result = new Rewriter(set).apply(graph, trace);
        GraphVerifier.verify(result);
        assertThat(trace.counts()).containsExactly(Map.entry(rule, 1));
        assertThat(GraphText.print(result)).isEqualTo(GraphText.print(Graphs.parse(after)));
        requireNear(graph, result);
        Rewrites.checkDecisions((other, to) -> new Rewriter(set).apply(other, to), rule, graph);
    }

    /** A graph with constants after a rule, whose numbers do not matter: its results are compared. */
    private static String after(String input, String scales, String nodes) {
        String zeros = "{0" + ", 0".repeat(32 * 32 - 1) + "}";
        return "graph g(%x: " + input + ") {\n" + nodes.replace("ZEROS", zeros).replace("SCALES", "{" + scales + "}")
                + "\nreturn %y\n}";
    }

    @Test
    void productsWithBlocksOfAFormatRoundRowsWhereThatIsAskedFor() {
        String product = """
            graph g(%x: f32[n,32]) {
              %q = const u8[2,18] {0, 56, 159, 158, 157, 156, 155, 154, 153, 152, 151, 150, 149, 148, 147, 146, 145, 144, 0, 52, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96}
              %b = const f32[2] {10, 20}
              %y = dev.tenon.BlockMatMul<format="Q4_0">(%x, %q, %b)
              return %y
            }
            """;
        String bytes = product.replace("<format=\"Q4_0\">", "<activations=\"Q8\", format=\"Q4_0\">");
        becomes(PrecisionRules.INT8_DYNAMIC, "int8-dynamic-formats", product, bytes);
        Rewrites.stays(PrecisionRules.INT8_DYNAMIC, "int8-dynamic-formats", bytes);
    }

    @Test
    void aProductHasConstantsOfItsOwn() {
        String product = text("f32[n,32]", "f32[32,32]", "%y = MatMul(%x, %w)", "127");
        becomes(PrecisionRules.INT8_DYNAMIC, "int8-dynamic", product, after("f32[n,32]", "2" + ", 1".repeat(31), """
                %const = const i8[32,32] ZEROS
                %const_1 = const f32[32] SCALES
                %y = dev.tenon.DynamicQuantizedMatMul(%x, %const, %const_1)"""));
        becomes(PrecisionRules.BF16, "bf16", product, after("f32[n,32]", "", """
                %const = const bf16[32,32] ZEROS
                %y = dev.tenon.BFloat16MatMul(%x, %const)"""));
    }

    @Test
    void aConvolutionIsAProductOfPixels() {
        String convolution =
                text("f32[n,5,32]", "f32[32,32,1]", "%y = dev.tenon.ChannelsLast<op=\"Conv\">(%x, %w)", "127");
        becomes(
                PrecisionRules.INT8_DYNAMIC,
                "int8-dynamic-convolution",
                convolution,
                after("f32[n,5,32]", "1" + ", 2".repeat(31), """
                %const = const i8[32,32] ZEROS
                %const_1 = const f32[32] SCALES
                %y = dev.tenon.DynamicQuantizedMatMul(%x, %const, %const_1)"""));
        becomes(PrecisionRules.BF16, "bf16-convolution", convolution, after("f32[n,5,32]", "", """
                %const = const bf16[32,32] ZEROS
                %y = dev.tenon.BFloat16MatMul(%x, %const)"""));
    }

    @Test
    void smallOnesAreRefused() {
        String product = text("f32[n,15]", "f32[15,70]", "%y = MatMul(%x, %w)", "127");
        Rewrites.refuses(PrecisionRules.INT8_DYNAMIC, "int8-dynamic", product, "too small to gain");
        Rewrites.refuses(PrecisionRules.BF16, "bf16", product, "too small to gain");
        String convolution =
                text("f32[n,5,31]", "f32[32,31,1]", "%y = dev.tenon.ChannelsLast<op=\"Conv\">(%x, %w)", "127");
        Rewrites.refuses(PrecisionRules.INT8_DYNAMIC, "int8-dynamic-convolution", convolution, "too few to gain");
        Rewrites.refuses(PrecisionRules.BF16, "bf16-convolution", convolution, "too few to gain");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            too small to gain           | f32[n,15]    | f32[15,70]     | 127       | %y = Gemm(%x, %w)
            too small to gain           | f32[n,33]    | f32[33,31]     | 127       | %y = MatMul(%x, %w)
            too small to gain           | f32[n,15]    | f32[70,15]     | 127       | %y = Gemm<transB=1>(%x, %w)
            the weights are f64         | f64[n,32]    | f64[32,32]     | 127       | %y = MatMul(%x, %w)
            the rank is not known       | f32[*]       | f32[32,32]     | 127       | %y = MatMul(%x, %w)
            infinite or NaN             | f32[n,32]    | f32[32,32]     | NaN       | %y = MatMul(%x, %w)
            infinite or NaN             | f32[n,32]    | f32[32,32]     | -Infinity | %y = MatMul(%x, %w)
            has factors                 | f32[n,32]    | f32[32,32]     | 127       | %y = Gemm<alpha=2.0f>(%x, %w)
            has factors                 | f32[n,32]    | f32[32,32]     | 127       | %c = const f32[] {1}; %y = Gemm<beta=2.0f>(%x, %w, %c)
            transposes its first        | f32[32,32]   | f32[32,32]     | 127       | %y = Gemm<transA=1>(%x, %w)
            the weights are f64         | f64[n,5,32]  | f64[32,32,1]   | 127       | %y = dev.tenon.ChannelsLast<op="Conv">(%x, %w)
            single pixels               | f32[n,5,32]  | f32[32,32,3]   | 127       | %y = dev.tenon.ChannelsLast<op="Conv">(%x, %w)
            single pixels               | f32[n,5,64]  | f32[64,32,1]   | 127       | %y = dev.tenon.ChannelsLast<op="Conv", group=2>(%x, %w)
            single pixels               | f32[n,5,32]  | f32[32,32,1]   | 127       | %y = dev.tenon.ChannelsLast<op="Conv", strides=[2]>(%x, %w)
            single pixels               | f32[n,5,32]  | f32[32,32,1]   | 127       | %y = dev.tenon.ChannelsLast<op="Conv", pads=[1, 0]>(%x, %w)
            too few to gain             | f32[n,5,32]  | f32[31,32,1]   | 127       | %y = dev.tenon.ChannelsLast<op="Conv">(%x, %w)
            infinite or NaN             | f32[n,5,32]  | f32[32,32,1]   | NaN       | %y = dev.tenon.ChannelsLast<op="Conv">(%x, %w)
            """)
    void othersAreRefused(String reason, String input, String weights, String first, String nodes) {
        String convolution = nodes.contains("Conv") ? "-convolution" : "";
        String text = text(input, weights, nodes, first);
        Rewrites.refuses(PrecisionRules.INT8_DYNAMIC, "int8-dynamic" + convolution, text, reason);
        Rewrites.refuses(PrecisionRules.BF16, "bf16" + convolution, text, reason);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f32[n,16]    | f32[16,16,16] | %y = MatMul(%x, %w)
            f32[n,5,32]  | f32[32,32,1] | %y = dev.tenon.ChannelsLast<op="ConvTranspose">(%x, %w)
            """)
    void othersStay(String input, String weights, String nodes) {
        sets().forEach(set -> Rewrites.stays(set, text(input, weights, nodes, "127")));
    }
}
