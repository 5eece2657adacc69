package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.operators.OperatorCase;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operators that are compared with ONNX Runtime. */
@Tag("vector")
class OperatorBenchmarkTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gemm_12x40x33",
                "conv3x3_8x12_9",
                "conv1x1_16x8_7",
                "conv7x7s2_3x8_21",
                "depthwise3x3_12_9",
                "convadd1x1_16x8_7",
                "qconv3x3s2_8x12_9",
                "gemm_u8s8_12x40x33",
                "gemm_s8s8_12x40x33",
                "gemm_u8s8u8_12x40x33",
                "gemm_f32u8_12x40x33",
                "gemm_f32bf16_12x40x33",
                "layernorm_5x48",
                "softmax_2x3x17",
                "gelu_4x50"
            })
    void bothEnginesComputeTheSame(String operator) {
        OperatorCase c = OperatorCase.of(operator);
        Agreement agreement = Agreement.of(c);
        assertThat(agreement.holds(c)).as("%s: %s", operator, agreement).isTrue();
        assertThat(c.flops()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gemm_12x40x33",
                "gemm_1x40x33",
                "gemm_u8s8_12x40x33",
                "gemm_s8s8_1x64x96",
                "gemm_u8s8u8_12x40x33",
                "gemm_f32u8_5x40x33",
                "gemm_f32bf16_12x40x33",
                "conv3x3_8x12_9",
                "conv7x7s2_3x8_21",
                "convadd1x1_16x8_7",
                "depthwise3x3_12_9",
                "lastconvadd1x1_16x8_7",
                "lastconv7x7s2_3x8_21",
                "lastdepthwise3x3_12_9",
                "lastdepthwise3x3s2_144_56",
                "last1x1_64x256_56",
                "qconv1x1_16x8_7",
                "qconv7x7s2_3x8_21"
            })
    void everyEngineThatIsThereComputesTheSame(String product) {
        OperatorCase c = OperatorCase.of(product);
        List<String> peers = c.engines().stream()
                .filter(e -> !e.equals(Engines.TENON) && Engines.absence(e) == null)
                .toList();
        assertThat(Agreement.of(c, peers))
                .containsOnlyKeys(peers)
                .allSatisfy((peer, agreement) ->
                        assertThat(agreement.holds(c)).as("%s", agreement).isTrue());
    }

    @Test
    void onlyProductsHaveFurtherPeers() {
        assertThat(OperatorCase.of("gemm_3x4x5").engines()).containsExactlyElementsOf(Engines.PRODUCTS);
        OperatorCase gelu = OperatorCase.of("gelu_4x50");
        assertThat(gelu.engines()).containsExactlyElementsOf(Engines.MODELS);
        assertThatThrownBy(() -> gelu.prepare(Engines.OPENBLAS))
                .hasMessage("engine 'openblas' is unknown; there are tenon, onnxruntime");
    }

    @Test
    void everyOperatorOfTheSuiteCanBeMade() {
        Suite suite = CompareOptionsTest.suite("ops");
        assertThat(suite.values("operator"))
                .hasSize(40)
                .allSatisfy(o -> assertThat(OperatorCase.of(o).graph().nodes()).isNotEmpty());
        assertThat(OperatorCase.of("gemm_3x4x5").flops()).isEqualTo(120);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sort_3", "gemm_3x4", "conv3x3_8_9", "conv_8x8_9", "depthwise3x3_8x8_9", "softmax_3_4"})
    void refusesWhatIsNotOfItsForm(String text) {
        assertThatThrownBy(() -> OperatorCase.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("operator '" + text + "'");
    }
}
