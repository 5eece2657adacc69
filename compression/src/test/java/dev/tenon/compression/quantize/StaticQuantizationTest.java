package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Progress;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.calibrate.Calibration;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The form of quantised graphs, and their agreement with ONNX Runtime. */
class StaticQuantizationTest {
    private static final List<Map<String, Tensor>> IMAGES = Graphs.calls(3, 2, 3, 8, 8);

    /** Fused operators may round a tie to the other side: some steps of 255, which the layers after them add up. */
    private static final double STEPS = 0.03;

    /** A network with a normalisation, a residual sum, moves, a Softmax, and a product of two computed matrices. */
    private static Model network() {
        return Graphs.model(
                """
                graph g(%x: f32[2,3,8,8]) {
                  %w1 = const f32[8,3,3,3] @w1
                  %scale = const f32[8] {1.0, 0.5, 2.0, 1.5, 0.7, 1.0, 1.0, 0.1}
                  %shift = const f32[8] {0.1, -0.5, 0.2, 0.5, -0.7, 0.0, 1.0, 0.1}
                  %mean = const f32[8] {0.1, 0.5, -0.2, 0.3, 0.0, 0.0, 0.2, 0.1}
                  %variance = const f32[8] {1.0, 0.5, 2.0, 1.5, 0.7, 1.0, 1.0, 0.9}
                  %c1 = Conv<pads=[1,1,1,1]>(%x, %w1) "first"
                  %n = BatchNormalization(%c1, %scale, %shift, %mean, %variance)
                  %r = Relu(%n)
                  %p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(%r)
                  %w2 = const f32[8,8,3,3] @w2
                  %b2 = const f32[8] @b2
                  %c2 = Conv<pads=[1,1,1,1]>(%p, %w2, %b2) "second"
                  %sum = Add(%c2, %p)
                  %w3 = const f32[8,1,3,3] @w3
                  %c3 = Conv<pads=[1,1,1,1], group=8>(%sum, %w3) "depthwise"
                  %shape = const i64[3] {2, 8, 16}
                  %m = Reshape(%c3, %shape)
                  %t = Transpose<perm=[0,2,1]>(%m)
                  %scores = MatMul(%m, %t) "scores"
                  %s = Softmax(%scores)
                  %mixed = MatMul(%s, %m) "mixed"
                  %w4 = const f32[16,5] @w4
                  %b4 = const f32[5] @b4
                  %product = MatMul(%mixed, %w4) "last"
                  %y = Add(%product, %b4)
                  return %y
                }
                """,
                Map.of(
                        "w1", new long[] {8, 3, 3, 3},
                        "w2", new long[] {8, 8, 3, 3},
                        "b2", new long[] {8},
                        "w3", new long[] {8, 1, 3, 3},
                        "w4", new long[] {16, 5},
                        "b4", new long[] {5}));
    }

    private static Graph quantized(StaticQuantization step) {
        return Graphs.apply(step, network(), IMAGES).graph();
    }

    @Test
    void operatorsStandBetweenPairs() {
        Graph graph = quantized(Quantize.int8().calibration(Calibration.MIN_MAX));
        // The normalisation is folded, and the Relu is in the range of the numbers after it.
        assertThat(Graphs.operators(graph)).doesNotContain("BatchNormalization", "Relu");
        Node first = Graphs.node(graph, "Conv", 0);
        assertThat(first.inputs()).allMatch(v -> v.producer().op() instanceof DequantizeLinear);
        assertThat(first.input(1).producer().input(0).constant().dtype()).isEqualTo(DType.INT8);
        assertThat(first.input(2).producer().input(0).constant().dtype()).isEqualTo(DType.INT32);
        assertThat(first.name()).isEqualTo("first");
        Node after = graph.nodes().stream()
                .filter(node -> node.inputs().contains(first.output()))
                .findFirst()
                .orElseThrow();
        assertThat(after.op().schema().name()).isEqualTo("QuantizeLinear");
        assertThat(after.input(2).constant().getLong(0)).isZero();
    }

    @Test
    void theBiasIsInUnitsOfBothScales() {
        Graph graph = quantized(Quantize.int8());
        Node conv = Graphs.node(graph, "Conv", 1);
        float x = conv.input(0).producer().input(1).constant().getFloat(0);
        Tensor w = conv.input(1).producer().input(1).constant();
        Tensor b = conv.input(2).producer().input(1).constant();
        assertThat(w.size()).isEqualTo(8);
        for (int i = 0; i < w.size(); i++) {
            assertThat(b.getFloat(i)).isEqualTo(x * w.getFloat(i));
        }
    }

    /** A value has one pair, which a convolution and a sum share; a pool keeps scale and zero point. */
    @Test
    void aValueHasOnePairAndMovesKeepTheScale() {
        Graph graph = quantized(Quantize.int8());
        Node pool = Graphs.node(graph, "MaxPool", 0);
        Node before = pool.input(0).producer();
        Node after = graph.nodes().stream()
                .filter(node -> node.inputs().contains(pool.output()))
                .findFirst()
                .orElseThrow();
        assertThat(after.op().schema().name()).isEqualTo("QuantizeLinear");
        assertThat(after.input(1)).isSameAs(before.input(1));
        assertThat(after.input(2)).isSameAs(before.input(2));
        Node add = Graphs.node(graph, "Add", 0);
        assertThat(add.inputs()).contains(Graphs.node(graph, "Conv", 1).input(0));
    }

    @Test
    void softmaxHasTheScaleOfShares() {
        Graph graph = quantized(Quantize.int8());
        Node softmax = Graphs.node(graph, "Softmax", 0);
        Node pair = graph.nodes().stream()
                .filter(node -> node.inputs().contains(softmax.output()))
                .findFirst()
                .orElseThrow();
        assertThat(pair.input(1).constant().getFloat(0)).isEqualTo(1 / 256f);
        assertThat(pair.input(2).constant().getLong(0)).isZero();
    }

    @Test
    void whatFollowsAProductInFloatStaysInFloat() {
        Graph graph = quantized(Quantize.int8());
        Node last = graph.nodes().stream()
                .filter(node ->
                        node.name().equals("last") && node.op().schema().name().equals("MatMul"))
                .findFirst()
                .orElseThrow();
        assertThat(graph.nodes().stream().filter(n -> n.inputs().contains(last.output())))
                .singleElement()
                .satisfies(n -> assertThat(n.op().schema().name()).isEqualTo("Add"));
    }

    private static Stream<StaticQuantization> options() {
        StaticQuantization q = Quantize.int8();
        return Stream.of(
                q,
                q.calibration(Calibration.ENTROPY).perTensor().reduceRange(),
                q.activations(DType.INT8),
                q.activations(DType.INT8).symmetric(),
                q.equalize().correctBias(),
                q.smooth(0.5));
    }

    @ParameterizedTest
    @MethodSource("options")
    void resultsAreThoseOfOnnxRuntime(StaticQuantization step) throws OrtException {
        Model model = network();
        Model quantized = Graphs.apply(step, model, IMAGES);
        assertThat(Graphs.sqnr(model, quantized, IMAGES)).isGreaterThan(15);
        OnnxRuntimeModel.agrees(quantized, 17, IMAGES, "y", STEPS);
    }

    @ParameterizedTest
    @MethodSource("lowBits")
    void fewBitsAreStoredAsInt4(StaticQuantization step) throws OrtException {
        Model model = network();
        Model quantized = Graphs.apply(step, model, IMAGES);
        Tensor w = Graphs.node(quantized.graph(), "Conv", 1)
                .input(1)
                .producer()
                .input(0)
                .constant();
        assertThat(w.dtype()).isEqualTo(DType.INT4);
        int half = step.name().equals("w3a8") ? 4 : 8;
        for (long i = 0; i < w.size(); i++) {
            assertThat(w.getLong(i)).isBetween(-(long) half, half - 1L);
        }
        OnnxRuntimeModel.agrees(quantized, 21, IMAGES, "y", STEPS);
    }

    private static Stream<StaticQuantization> lowBits() {
        return Stream.of(
                Quantize.int8().weightBits(4),
                Quantize.int8().weightBits(3).correctBias(),
                Quantize.int8().weightBits(3).perTensor());
    }

    @Test
    void theSameRunGivesTheSameBytes() {
        StaticQuantization step = Quantize.int8().equalize().smooth().correctBias();
        byte[] first = OnnxRuntimeModel.bytes(Graphs.apply(step, network(), IMAGES), 17);
        byte[] second = OnnxRuntimeModel.bytes(Graphs.apply(step, network(), IMAGES), 17);
        assertThat(second).isEqualTo(first);
    }

    @Test
    void layersThatAreNotSelectedStayAndAreNamed() {
        Model model = network();
        StepContext context = Graphs.context(model, IMAGES);
        Model quantized = Quantize.int8()
                .layers(LayerFilter.all().exclude("first", "/dep.*/"))
                .apply(model, context);
        assertThat(context.layers().stream().filter(LayerReport::kept).map(LayerReport::name))
                .containsExactly("first", "depthwise");
        assertThat(context.layers().stream().filter(r -> !r.kept()))
                .allSatisfy(r -> assertThat(r.sqnr().orElseThrow()).isBetween(30.0, 200.0));
        assertThat(Graphs.node(quantized.graph(), "Conv", 0).input(1).isConstant())
                .isTrue();
        assertThatThrownBy(() -> Quantize.int8()
                        .layers(LayerFilter.all().include("missing"))
                        .apply(model, context))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void samplesAreNeeded() {
        assertThatThrownBy(() -> Compressor.of(network()).apply(Quantize.int8()).run(Progress.ignored()))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no samples");
    }

    @Test
    void sharedWeightsAreStoredOnce() throws OrtException {
        Model model = Graphs.model("""
                graph g(%x: f32[2,16]) {
                  %w = const f32[16,16] @w
                  %a = MatMul(%x, %w) "a"
                  %r = Relu(%a)
                  %y = MatMul(%r, %w) "b"
                  return %y
                }
                """, Map.of("w", new long[] {16, 16}));
        List<Map<String, Tensor>> calls = Graphs.calls(8, 2, 16);
        Model quantized = Graphs.apply(Quantize.int8(), model, calls);
        assertThat(quantized.graph().constants().stream()
                        .filter(v -> v.constant().dtype() == DType.INT8))
                .hasSize(1);
        OnnxRuntimeModel.agrees(quantized, 17, calls, "y", STEPS);
    }

    @Test
    void weightsThatAreUsedInFloatToStayAsTheyAre() {
        Model model = Graphs.model("""
                graph g(%x: f32[16,16]) {
                  %w = const f32[16,16] @w
                  %a = MatMul(%x, %w) "a"
                  %y = Sub(%a, %w)
                  return %y
                }
                """, Map.of("w", new long[] {16, 16}));
        List<Map<String, Tensor>> calls = Graphs.calls(4, 16, 16);
        StepContext context = Graphs.context(model, calls);
        Model quantized = Quantize.int8().apply(model, context);
        assertThat(context.layers()).singleElement().satisfies(r -> {
            assertThat(r.kept()).isTrue();
            assertThat(r.reason()).contains("used in float");
        });
        assertThat(Graphs.operators(quantized.graph())).containsExactly("MatMul", "Sub");
    }

    /** A bias of a thousand million steps widens the scale of its weights. */
    @Test
    void aLargeBiasDoesNotOverflow() throws OrtException {
        Model model = Graphs.model("""
                graph g(%x: f32[2,16]) {
                  %w = const f32[16,2] {
                    1e-9, 0.5, 0, 0.5, 1e-9, 0.5, 0, 0.5, 1e-9, 0.5, 0, 0.5, 1e-9, 0.5, 0, 0.5,
                    1e-9, 0.5, 0, 0.5, 1e-9, 0.5, 0, 0.5, 1e-9, 0.5, 0, 0.5, 1e-9, 0.5, 0, 0.5}
                  %b = const f32[2] {7.0, -3.0}
                  %y = Gemm(%x, %w, %b) "a"
                  return %y
                }
                """, Map.of());
        List<Map<String, Tensor>> calls = Graphs.calls(4, 2, 16);
        Model quantized = Graphs.apply(Quantize.int8(), model, calls);
        float[] y = quantized.predict(calls.getFirst()).tensor("y").toFloatArray();
        assertThat(y[0]).isBetween(6.999f, 7.001f);
        OnnxRuntimeModel.agrees(quantized, 17, calls, "y", STEPS);
    }

    @Test
    void infiniteActivationsLeaveTheirLayersInFloat() {
        Model model = Graphs.model("""
                graph g(%x: f32[2,16]) {
                  %w = const f32[16,16] @w
                  %a = MatMul(%x, %w) "a"
                  %big = const f32[] {3e38}
                  %c = Mul(%a, %big)
                  %d = Mul(%c, %big)
                  %y = MatMul(%d, %w) "b"
                  return %y
                }
                """, Map.of("w", new long[] {16, 16}));
        List<Map<String, Tensor>> calls = Graphs.calls(4, 2, 16);
        StepContext context = Graphs.context(model, calls);
        Quantize.int8().apply(model, context);
        assertThat(context.layers()).anySatisfy(r -> {
            assertThat(r.name()).isEqualTo("b");
            assertThat(r.reason()).contains("not finite");
        });
    }
}
