package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.measure.FlopCount;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FlopCountTest {
    private static Model model(String text) {
        return Model.of(GraphText.parse(text, StandardOperators.set()));
    }

    private static long flops(Model model, Map<String, Tensor> inputs, long samples) {
        return FlopCount.of(model, inputs) / samples;
    }

    /** Zeros for all inputs, whose shapes are known. */
    private static long flops(String text) {
        Model model = model(text);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        model.inputs().forEach(i -> {
            TensorType type = (TensorType) i.type();
            inputs.put(i.name(), Tensor.allocate(type.dtype(), type.shape().toArray()));
        });
        return flops(model, inputs, 1);
    }

    @Test
    void convolutionsCountWindowsOfTheirGroup() {
        // 4 x 4 windows from 9 x 9 with stride 2, 6 outputs of 4 / 2 channels each, 3 x 3 taps.
        assertThat(flops("""
                graph (%x: f32[1,4,9,9], %w: f32[6,2,3,3], %b: f32[6]) {
                %y = Conv<group=2, strides=[2, 2]>(%x, %w, %b) return %y
                }""")).isEqualTo(2L * 6 * 16 * 2 * 9);
    }

    @Test
    void productsCountTheirTerms() {
        assertThat(flops("""
                graph (%x: f32[5,7], %w: f32[7,3], %b: f32[3]) {
                %a = MatMul(%x, %w) %c = Relu(%a) %y = Add(%c, %b) return %y
                }""")).isEqualTo(2L * 5 * 7 * 3);
        assertThat(flops("""
                graph (%x: f32[7,5], %w: f32[3,7]) {
                %y = Gemm<transA=1, transB=1>(%x, %w) return %y
                }""")).isEqualTo(2L * 5 * 7 * 3);
        assertThat(flops("""
                graph (%x: u8[2,5,7], %w: i8[7,3]) {
                %y = MatMulInteger(%x, %w) return %y
                }""")).isEqualTo(2L * 2 * 5 * 7 * 3);
        assertThat(flops("""
                graph (%x: f32[5,7], %w: i8[7,3], %s: f32[]) {
                %d = DequantizeLinear(%w, %s) %y = MatMul(%x, %d) return %y
                }""")).isEqualTo(2L * 5 * 7 * 3);
    }

    @Test
    void recurrentNetworksCountEachStep() {
        // 3 steps of a batch of 2, with four gates of 5 that see 4 inputs and 5 states.
        assertThat(flops("""
                graph (%x: f32[3,2,4], %w: f32[1,20,4], %r: f32[1,20,5]) {
                %y, %h, %c = LSTM<hidden_size=5>(%x, %w, %r) return %y
                }""")).isEqualTo(2L * 3 * 2 * 20 * (4 + 5));
    }

    @Test
    void bodiesCountAsOftenAsTheyRun() {
        Model model = model("""
                graph g(%c: bool[], %x: f32[4,5], %w: f32[5,5]) {
                %y = If<then_branch=graph t(%a: f32[4,5], %b: f32[5,5]) { %p = MatMul(%a, %b) return %p },
                else_branch=graph e(%d: f32[4,5], %f: f32[5,5]) { %q = Neg(%d) return %q }>(%c, %x, %w)
                return %y
                }""");
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("x", Tensor.allocate(DType.FLOAT32, 4, 5));
        inputs.put("w", Tensor.allocate(DType.FLOAT32, 5, 5));
        inputs.put("c", Tensor.scalar(true));
        assertThat(flops(model, inputs, 1)).isEqualTo(2L * 4 * 5 * 5);
        inputs.put("c", Tensor.scalar(false));
        assertThat(flops(model, inputs, 1)).isZero();
    }

    @Test
    void aFixedBatchIsDivided() {
        Model model = model("graph (%x: f32[4,7], %w: f32[7,3]) { %y = MatMul(%x, %w) return %y }");
        Map<String, Tensor> inputs =
                Map.of("x", Tensor.allocate(DType.FLOAT32, 4, 7), "w", Tensor.allocate(DType.FLOAT32, 7, 3));
        assertThat(flops(model, inputs, 4)).isEqualTo(2L * 7 * 3);
    }

    @Test
    void theFirstSampleIsCutFromItsBatch() {
        Model model = model("graph (%x: f32[batch,2], %s: f32[2]) { %y = Mul(%x, %s) return %y }");
        Map<String, Tensor> call =
                Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), "s", Tensor.of(new float[] {1, 1}));
        Samples.Calls calls = calls(new Samples.Call(call, 2));
        // The second input has no batch, so nothing is cut.
        assertThat(FirstSample.of(model, calls).orElseThrow().samples()).isEqualTo(2);
        Model one = model("graph (%x: f32[batch,2]) { %y = Neg(%x) return %y }");
        Samples.Calls batch = calls(new Samples.Call(Map.of("x", call.get("x")), 2));
        Samples.Call first = FirstSample.of(one, batch).orElseThrow();
        assertThat(first.samples()).isOne();
        assertThat(first.inputs().get("x").contentEquals(Tensor.of(new float[] {1, 2}, 1, 2)))
                .isTrue();
    }

    private static Samples.Calls calls(Samples.Call... calls) {
        return new Samples.Calls() {
            @Override
            public long samples() {
                return List.of(calls).stream().mapToLong(Samples.Call::samples).sum();
            }

            @Override
            public void forEach(java.util.function.Consumer<Samples.Call> action) {
                List.of(calls).forEach(action);
            }
        };
    }

    @Test
    void zerosStandInWhereShapesAreKnown() {
        Model known = model("graph (%x: f32[batch,2], %i: i64[3]) { %y = Neg(%x) return %y }");
        Optional<Samples.Call> zeros = FirstSample.of(known, null);
        assertThat(zeros.orElseThrow().inputs().get("x").dims()).containsExactly(1, 2);
        Model unknown = model("graph (%x: f32[batch,length]) { %y = Neg(%x) return %y }");
        assertThat(FirstSample.of(unknown, null)).isEmpty();
        assertThat(FirstSample.of(known, calls())).isPresent();
    }
}
