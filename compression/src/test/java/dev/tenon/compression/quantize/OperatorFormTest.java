package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.calibrate.Calibration;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators on integers, compared with ONNX Runtime and with the form of QuantizeLinear and DequantizeLinear. */
class OperatorFormTest {
    private static final List<Map<String, Tensor>> IMAGES = Graphs.calls(12, 2, 3, 8, 8);

    /** A number half way between two steps may be rounded to either. The layers after it add up such steps of 255. */
    private static final double STEPS = 0.03;

    private static Model network() {
        return Graphs.model(
                """
                graph g(%x: f32[2,3,8,8]) {
                  %w1 = const f32[8,3,3,3] @w1
                  %b1 = const f32[8] @b1
                  %c1 = Conv<pads=[1,1,1,1]>(%x, %w1, %b1) "first"
                  %r1 = Relu(%c1)
                  %p = MaxPool<kernel_shape=[2,2], strides=[2,2]>(%r1)
                  %w2 = const f32[8,1,3,3] @w2
                  %c2 = Conv<pads=[1,1,1,1], group=8>(%p, %w2) "depthwise"
                  %l = LeakyRelu<alpha=0.1f>(%c2)
                  %sum = Add(%l, %p)
                  %avg = AveragePool<kernel_shape=[3,3], pads=[1,1,1,1]>(%sum)
                  %all = Concat<axis=1>(%avg, %l)
                  %w3 = const f32[16,16,1,1] @w3
                  %c3 = Conv(%all, %w3) "pointwise"
                  %g = Sigmoid(%c3)
                  %silu = Mul(%c3, %g)
                  %w4 = const f32[8,16,1,1] @w4
                  %c4 = Conv(%silu, %w4) "narrow"
                  %mean = GlobalAveragePool(%c4)
                  %flat = Flatten(%mean)
                  %w5 = const f32[12,8] @w5
                  %b5 = const f32[12] @b5
                  %h = Gemm<transB=1>(%flat, %w5, %b5) "hidden"
                  %shape = const i64[3] {2, 3, 4}
                  %m = Reshape(%h, %shape)
                  %t = Transpose<perm=[0,2,1]>(%m)
                  %scores = MatMul(%m, %t) "scores"
                  %s = Softmax(%scores)
                  %mixed = MatMul(%s, %m) "mixed"
                  %w6 = const f32[4,6] @w6
                  %o = MatMul(%mixed, %w6) "last"
                  %six = const i64[2] {6, 6}
                  %rows = Reshape(%o, %six)
                  %w7 = const f32[6,5] @w7
                  %b7 = const f32[5] @b7
                  %y = Gemm(%rows, %w7, %b7) "head"
                  return %y
                }
                """,
                Map.ofEntries(
                        Map.entry("w1", new long[] {8, 3, 3, 3}),
                        Map.entry("b1", new long[] {8}),
                        Map.entry("w2", new long[] {8, 1, 3, 3}),
                        Map.entry("w3", new long[] {16, 16, 1, 1}),
                        Map.entry("w4", new long[] {8, 16, 1, 1}),
                        Map.entry("w5", new long[] {12, 8}),
                        Map.entry("b5", new long[] {12}),
                        Map.entry("w6", new long[] {4, 6}),
                        Map.entry("w7", new long[] {6, 5}),
                        Map.entry("b7", new long[] {5})));
    }

    @Test
    void operatorsAreOnIntegers() {
        Graph graph =
                Graphs.apply(Quantize.int8().asQOperator(), network(), IMAGES).graph();
        // Softmax stays in float. Products give floats where operators in float use them.
        assertThat(Graphs.operators(graph))
                .containsExactly(
                        "QuantizeLinear",
                        "QLinearConv",
                        "MaxPool",
                        "QLinearConv",
                        "QuantizedOperator",
                        "QuantizedOperator",
                        "QLinearAveragePool",
                        "QuantizedOperator",
                        "QLinearConv",
                        "QuantizedOperator",
                        "QuantizedOperator",
                        "QLinearConv",
                        "QuantizedOperator",
                        "Flatten",
                        "QuantizedOperator",
                        "Reshape",
                        "Transpose",
                        "QuantizeLinear",
                        "QuantizeLinear",
                        "MatMulInteger",
                        "Cast",
                        "Mul",
                        "Softmax",
                        "QuantizeLinear",
                        "QLinearMatMul",
                        "MatMulInteger",
                        "Cast",
                        "Mul",
                        "Reshape",
                        "QuantizeLinear",
                        "QuantizedOperator");
        assertThat(Graphs.node(graph, "MaxPool", 0).output().tensorType().dtype())
                .isEqualTo(DType.UINT8);
        Node first = Graphs.node(graph, "QLinearConv", 0);
        assertThat(first.name()).isEqualTo("first");
        // The Relu is in the range of the result.
        assertThat(first.input(7).constant().getLong(0)).isZero();
        assertThat(first.input(8).constant().dtype()).isEqualTo(DType.INT32);
    }

    private static Stream<StaticQuantization> options() {
        StaticQuantization q = Quantize.int8();
        return Stream.of(
                q,
                q.calibration(Calibration.MIN_MAX).perTensor(),
                q.activations(DType.INT8),
                q.activations(DType.INT8).symmetric().reduceRange(),
                q.equalize().correctBias());
    }

    @ParameterizedTest
    @MethodSource("options")
    void resultsAreThoseOfOnnxRuntimeAndOfTheOtherForm(StaticQuantization step) throws OrtException {
        Model model = network();
        Model quantized = Graphs.apply(step.asQOperator(), model, IMAGES);
        Model other = Graphs.apply(step, model, IMAGES);
        assertThat(Graphs.sqnr(other, quantized, IMAGES)).isGreaterThan(35);
        assertThat(Graphs.sqnr(model, quantized, IMAGES)).isGreaterThan(Graphs.sqnr(model, other, IMAGES) - 1);
        OnnxRuntimeModel.agrees(quantized, 17, IMAGES, "y", STEPS);
    }

    @Test
    void aFileIsReadAgain() {
        Model quantized = Graphs.apply(Quantize.int8().asQOperator(), network(), IMAGES);
        byte[] bytes = OnnxRuntimeModel.bytes(quantized, 17);
        Model again = Model.load(ByteBuffer.wrap(bytes));
        assertThat(Graphs.sqnr(quantized, again, IMAGES)).isGreaterThan(35);
    }

    /** A value that operators in float use too is rounded, and those operators get the rounded numbers. */
    @Test
    void operatorsInFloatKeepTheirPairs() throws OrtException {
        Model model = Graphs.model("""
                graph g(%x: f32[2,3,8,8]) {
                  %w1 = const f32[8,3,3,3] @w1
                  %a = Conv(%x, %w1) "a"
                  %e = Exp(%a)
                  %w2 = const f32[8,8,3,3] @w2
                  %b = Conv<pads=[1,1,1,1]>(%a, %w2) "b"
                  %y = Add(%b, %e)
                  return %y
                }
                """, Map.of("w1", new long[] {8, 3, 3, 3}, "w2", new long[] {8, 8, 3, 3}));
        Model quantized = Graphs.apply(Quantize.int8().asQOperator(), model, IMAGES);
        assertThat(Graphs.operators(quantized.graph()))
                .containsExactlyInAnyOrder(
                        "QuantizeLinear",
                        "QLinearConv",
                        "DequantizeLinear",
                        "Exp",
                        "QLinearConv",
                        "DequantizeLinear",
                        "Add");
        OnnxRuntimeModel.agrees(quantized, 17, IMAGES, "y", STEPS);
    }

    @Test
    void fewerBitsHaveNoSuchForm() {
        StaticQuantization step = Quantize.int8().weightBits(4).asQOperator();
        assertThatThrownBy(() -> Graphs.apply(step, network(), IMAGES))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("4 bits");
    }
}
