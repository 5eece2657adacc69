package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.ceiling.CopyCeiling;
import dev.tenon.benchmarks.ceiling.CopyPeak;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.operators.KernelCase;
import dev.tenon.benchmarks.operators.KernelOperators;
import dev.tenon.benchmarks.operators.OperatorCase;
import dev.tenon.kernel.table.Tiers;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Single kernels. */
@Tag("vector")
class KernelBenchmarkTest {
    static Stream<Map<String, String>> cases() {
        return Stream.of("here", "scalar")
                .flatMap(machine -> Stream.of(
                                "gemm_12x40x33",
                                "conv3x3_8x12_9",
                                "conv1x1_16x8_7",
                                "depthwise3x3_12_9",
                                "layernorm_5x48",
                                "softmax_2x3x17",
                                "gelu_4x50")
                        .map(operator ->
                                Map.of("kernel", KernelCase.SELECTED, "operator", operator, "machine", machine)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aKernelComputesWhatThePeerDoes(Map<String, String> parameters) {
        BenchmarkCase c = CompareOptionsTest.suite("kernels").caseOf().apply(parameters);
        Agreement agreement = Agreement.of(c);
        assertThat(agreement.holds(c)).as("%s %s", c.model(), agreement).isTrue();
    }

    private static List<Map<String, String>> listed(String kernel, String operator, String machine) {
        Map<String, String> given = Map.of("kernel", kernel, "operator", operator, "machine", machine);
        return CompareOptionsTest.suite("kernels").combinations(parameter -> List.of(given.get(parameter)));
    }

    @Test
    void everyLineIsACaseUnlessOneIsAskedFor() {
        Suite suite = CompareOptionsTest.suite("kernels");
        assertThat(suite.combinations(suite::values))
                .hasSize((int) KernelOperators.lines().stream()
                        .filter(line -> line.fits(Tiers.detect().capabilities()))
                        .count())
                .contains(Map.of("kernel", "pool_f32_vector", "operator", "maxpool3x3s2_64_112", "machine", "here"));
        assertThat(listed("squeeze_excite_f32_vector512", KernelCase.LISTED, "here"))
                .containsExactly(
                        Map.of("kernel", "squeeze_excite_f32_vector", "operator", "gates_96x24_56", "machine", "here"),
                        Map.of(
                                "kernel",
                                "squeeze_excite_f32_vector",
                                "operator",
                                "lastgates_96x24_56",
                                "machine",
                                "here"));
        assertThat(listed("resize_f32_vector", "softmax_3x4", "here"))
                .containsExactly(Map.of("kernel", "resize_f32_vector", "operator", "softmax_3x4", "machine", "here"));
        assertThat(listed(KernelCase.ALL, KernelCase.LISTED, "scalar"))
                .doesNotHaveDuplicates()
                .allSatisfy(p -> assertThat(p).containsEntry("kernel", KernelCase.SELECTED));
        assertThatThrownBy(() -> listed("sort_f32_vector", KernelCase.LISTED, "here"))
                .hasMessageContaining("kernel 'sort_f32_vector' has no operators")
                .hasMessageContaining("pool_f32_global_vector");
    }

    @Test
    void kernelsAreRunThatTheTableWouldNotSelect() {
        String operator = "last3x3_64x64_56";
        KernelCase best = KernelCase.of(KernelCase.SELECTED, operator, KernelCase.HERE);
        KernelCase product = KernelCase.of("conv_f32_last_product_vector", operator, KernelCase.HERE);
        assertThat(best.model()).startsWith("conv_f32_last_");
        assertThat(product.model()).startsWith("conv_f32_last_product_vector");
        Agreement agreement = Agreement.of(product);
        assertThat(agreement.holds(product)).as("%s", agreement).isTrue();
        assertThatThrownBy(() -> KernelCase.of("conv_f32_last_depthwise_vector", operator, KernelCase.HERE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "operator '" + operator + "' does not run by kernel 'conv_f32_last_depthwise_vector'");
        assertThatThrownBy(() -> KernelCase.of("softmax_f32_vector", operator, KernelCase.HERE))
                .hasMessageContaining("but by conv_f32_last_");
    }

    @Test
    void bytesAreThoseOfOperandsAndResult() {
        KernelCase c = KernelCase.of(KernelCase.SELECTED, "softmax_6x7", KernelCase.HERE);
        assertThat(c.bytes()).isEqualTo(2 * 4 * 6 * 7);
        assertThat(CopyCeiling.of(c.bytes()).bytes()).isEqualTo(336);
        assertThat(CopyPeak.callBytes(336)).isBetween(8e6, 9e6);
        assertThat(CopyPeak.callBytes(1 << 30)).isEqualTo(1 << 30);
        assertThat(new CopyPeak(336).run().toArray(ValueLayout.JAVA_BYTE))
                .hasSize(168)
                .containsOnly(1);
    }

    @Test
    void whatNoPeerCanRunIsNotCompared() {
        KernelCase c = KernelCase.of(KernelCase.SELECTED, "whereunsigned", KernelCase.HERE);
        assertThat(c.engines()).containsExactly(Engines.TENON);
        assertThat(KernelCase.of(KernelCase.SELECTED, "gemm_3x4x5", KernelCase.HERE)
                        .engines())
                .isEqualTo(Engines.PRODUCTS);
        assertThat(KernelCase.of(KernelCase.SELECTED, "softmax_3x4", KernelCase.HERE)
                        .engines())
                .isEqualTo(Engines.MODELS);
    }

    @Test
    void productsInFewerBitsHaveThePeersThatComputeThem() {
        String byRows = "gemm_f32u8_12x64x48";
        assertThat(OperatorCase.of(byRows).engines())
                .containsExactly(Engines.TENON, Engines.ONNXRUNTIME, Engines.OPENBLAS);
        assertThat(OperatorCase.of("gemm_u8s8_12x64x48").engines())
                .containsExactly(Engines.TENON, Engines.ONNXRUNTIME, Engines.ONEDNN);
        KernelCase c = KernelCase.of(KernelCase.SELECTED, "gemm_u8s8_12x64x48", KernelCase.HERE);
        assertThat(c.kernel()).isEqualTo(c.model());
        assertThat(c.operator().graph()).isNotNull();
    }

    @Test
    void refusesMachinesThatItDoesNotKnow() {
        assertThatThrownBy(() -> KernelCase.of(KernelCase.SELECTED, "softmax_2x3", "abacus"))
                .hasMessageContaining("use scalar or here");
    }
}
