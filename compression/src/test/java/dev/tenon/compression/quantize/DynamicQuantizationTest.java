package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The form of dynamically quantised graphs, and their agreement with ONNX Runtime. */
class DynamicQuantizationTest {
    /** ONNX Runtime sums in another order, and may round a tie to the other side. */
    private static final double STEPS = 0.02;

    private static final List<Map<String, Tensor>> TOKENS = tokens();

    private static List<Map<String, Tensor>> tokens() {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long[] ids = new long[10];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = (i * 31L + t * 7L) % 100;
            }
            calls.add(Map.of("x", Tensor.of(ids, 2, 5)));
        }
        return calls;
    }

    private static Model encoder() {
        return Graphs.model(
                """
                graph g(%x: i64[2,5]) {
                  %table = const f32[100,16] @table
                  %e = Gather(%table, %x) "embedding"
                  %w1 = const f32[16,32] @w1
                  %b1 = const f32[32] @b1
                  %a = MatMul(%e, %w1) "up"
                  %b = Add(%a, %b1)
                  %r = Relu(%b)
                  %w2 = const f32[32,16] @w2
                  %c = MatMul(%r, %w2) "down"
                  %w3 = const f32[16,32] @w3
                  %d = MatMul(%e, %w3) "side"
                  %f = MatMul(%d, %w2) "shared"
                  %s = Add(%c, %f)
                  %shape = const i64[2] {10, 16}
                  %rows = Reshape(%s, %shape)
                  %w4 = const f32[4,16] @w4
                  %b4 = const f32[4] @b4
                  %y = Gemm<transB=1>(%rows, %w4, %b4) "head"
                  return %y
                }
                """,
                Map.of(
                        "table", new long[] {100, 16},
                        "w1", new long[] {16, 32},
                        "b1", new long[] {32},
                        "w2", new long[] {32, 16},
                        "w3", new long[] {16, 32},
                        "w4", new long[] {4, 16},
                        "b4", new long[] {4}));
    }

    @Test
    void productsHaveTheFormThatOnnxRuntimeFuses() {
        Graph graph = Graphs.apply(Quantize.dynamicInt8(), encoder(), TOKENS).graph();
        assertThat(Graphs.operators(graph)).doesNotContain("MatMul", "Gemm");
        Node product = Graphs.node(graph, "MatMulInteger", 0);
        Node quantize = product.input(0).producer();
        assertThat(quantize.op().schema().name()).isEqualTo("DynamicQuantizeLinear");
        assertThat(product.input(2)).isSameAs(quantize.outputs().get(2));
        assertThat(product.input(1).constant().dtype()).isEqualTo(DType.INT8);
        assertThat(product.input(1).constant().dims()).containsExactly(16, 32);
        // Two products share the integers of their input, and two the weights.
        assertThat(Graphs.operators(graph).stream().filter("DynamicQuantizeLinear"::equals))
                .hasSize(4);
        assertThat(graph.constants().stream()
                        .filter(v -> v.constant().dtype() == DType.INT8
                                && v.constant().rank() == 2))
                .hasSize(5);
    }

    @Test
    void rowsOfATableAreTakenAsIntegers() {
        Graph graph = Graphs.apply(Quantize.dynamicInt8(), encoder(), TOKENS).graph();
        assertThat(Graphs.node(graph, "Gather", 0).output().tensorType().dtype())
                .isEqualTo(DType.INT8);
        Graph without = Graphs.apply(Quantize.dynamicInt8().withoutTables(), encoder(), TOKENS)
                .graph();
        assertThat(Graphs.node(without, "Gather", 0).output().tensorType().dtype())
                .isEqualTo(DType.FLOAT32);
    }

    @Test
    void resultsAreThoseOfOnnxRuntime() throws OrtException {
        Model model = encoder();
        for (DynamicQuantization step : new DynamicQuantization[] {
            Quantize.dynamicInt8(),
            Quantize.dynamicInt8().perTensor().reduceRange(),
            Quantize.dynamicInt8().smooth(),
            Quantize.dynamicInt8().weightOnly(LayerFilter.all().include("down", "shared"))
        }) {
            Model quantized = Graphs.apply(step, model, TOKENS);
            assertThat(Graphs.sqnr(model, quantized, TOKENS)).isGreaterThan(28);
            OnnxRuntimeModel.agrees(quantized, 17, TOKENS, "y", STEPS);
        }
    }

    @Test
    void theReportNamesLayersThatMultiplyInFloat() {
        Model model = encoder();
        StepContext context = Graphs.context(model, TOKENS);
        Model quantized = Quantize.dynamicInt8()
                .layers(LayerFilter.all().exclude("side"))
                .weightOnly(LayerFilter.all().include("head"))
                .apply(model, context);
        assertThat(context.layers().stream().filter(LayerReport::kept).map(LayerReport::name))
                .containsExactly("side");
        assertThat(context.layers().stream()
                        .filter(r -> r.reason().startsWith("weights alone"))
                        .map(LayerReport::name))
                .containsExactly("head");
        assertThat(Graphs.operators(quantized.graph())).contains("Gemm", "MatMul");
    }

    private static Model convolutions() {
        return Graphs.model(
                """
                graph g(%x: f32[2,3,8,8]) {
                  %w1 = const f32[8,3,3,3] @w1
                  %b1 = const f32[8] @b1
                  %c1 = Conv<pads=[1,1,1,1], strides=[2,2]>(%x, %w1, %b1) "first"
                  %r = Relu(%c1)
                  %w2 = const f32[8,1,3,3] @w2
                  %c2 = Conv<pads=[1,0,1,0], group=8>(%r, %w2) "depthwise"
                  %shape = const i64[3] {2, 8, 8}
                  %m = Reshape(%c2, %shape)
                  %w3 = const f32[4,8,2] @w3
                  %b3 = const f32[4] @b3
                  %y = Conv(%m, %w3, %b3) "one axis"
                  return %y
                }
                """,
                Map.of(
                        "w1", new long[] {8, 3, 3, 3},
                        "b1", new long[] {8},
                        "w2", new long[] {8, 1, 3, 3},
                        "w3", new long[] {4, 8, 2},
                        "b3", new long[] {4}));
    }

    @Test
    void convolutionsAreOfIntegers() throws OrtException {
        Model model = convolutions();
        List<Map<String, Tensor>> calls = Graphs.calls(8, 2, 3, 8, 8);
        Model quantized = Graphs.apply(Quantize.dynamicInt8(), model, calls);
        assertThat(Graphs.operators(quantized.graph())).doesNotContain("Conv").contains("ConvInteger");
        Node conv = Graphs.node(quantized.graph(), "ConvInteger", 0);
        assertThat(conv.input(1).constant().dtype()).isEqualTo(DType.UINT8);
        assertThat(Graphs.sqnr(model, quantized, calls)).isGreaterThan(30);
        Model perTensor = Graphs.apply(Quantize.dynamicInt8().perTensor(), model, calls);
        assertThat(Graphs.sqnr(model, perTensor, calls)).isGreaterThan(28);
        OnnxRuntimeModel.agrees(quantized, 17, calls, "y", STEPS);
        OnnxRuntimeModel.agrees(perTensor, 17, calls, "y", STEPS);
    }

    @Test
    void convolutionsMayKeepTheirActivations() {
        Model model = convolutions();
        List<Map<String, Tensor>> calls = Graphs.calls(8, 2, 3, 8, 8);
        StepContext context = Graphs.context(model, calls);
        Model quantized = Quantize.dynamicInt8().withoutConvolutions().apply(model, context);
        assertThat(Graphs.operators(quantized.graph())).contains("Conv").doesNotContain("ConvInteger");
        assertThat(context.layers()).hasSize(3).allMatch(r -> r.reason().startsWith("weights alone"));
        assertThat(Graphs.sqnr(model, quantized, calls)).isGreaterThan(38);
    }

    @Test
    void theSameRunGivesTheSameBytes() {
        byte[] first =
                OnnxRuntimeModel.bytes(Graphs.apply(Quantize.dynamicInt8().smooth(), encoder(), TOKENS), 17);
        byte[] second =
                OnnxRuntimeModel.bytes(Graphs.apply(Quantize.dynamicInt8().smooth(), encoder(), TOKENS), 17);
        assertThat(second).isEqualTo(first);
    }
}
