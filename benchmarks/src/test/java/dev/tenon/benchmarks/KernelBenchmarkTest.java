package dev.tenon.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels by themselves. */
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
                        .map(operator -> Map.of("operator", operator, "machine", machine)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aKernelComputesWhatThePeerDoes(Map<String, String> parameters) {
        BenchmarkCase c = CompareOptionsTest.suite("kernels").caseOf().apply(parameters);
        Agreement agreement = Agreement.of(c);
        assertThat(agreement.holds(c)).as("%s %s", c.model(), agreement).isTrue();
    }

    @Test
    void casesAreNamedByTheirKernels() {
        Suite suite = CompareOptionsTest.suite("kernels");
        TreeSet<String> ids = new TreeSet<>();
        suite.combinations(suite::values)
                .forEach(p -> ids.add(suite.caseOf().apply(p).model()));
        assertThat(ids)
                .hasSizeGreaterThan(9)
                .anyMatch(id -> id.startsWith("gemm_f32_"))
                .contains("norm_f32_scalar");
    }

    @Test
    void refusesMachinesThatItDoesNotKnow() {
        assertThatThrownBy(() -> KernelCase.of("softmax_2x3", "abacus")).hasMessageContaining("none of scalar");
    }
}
