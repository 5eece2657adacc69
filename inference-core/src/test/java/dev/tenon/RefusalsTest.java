package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What inspection tells of kernels that a step does not run by. */
class RefusalsTest {
    private static StepInfo only(String text, Map<String, Tensor> inputs) {
        List<StepInfo> steps = SmallModels.model(text).session().inspect().steps(inputs);
        assertThat(steps).hasSize(1);
        return steps.getFirst();
    }

    @Test
    void betterKernelsOfTheTableAreNamedWithTheirReasons() {
        String text = """
                graph g(%a: f64[3,4], %b: f64[4,5]) {
                  %y = MatMul(%a, %b)
                  return %y
                }
                """;
        Map<String, Tensor> inputs =
                Map.of("a", Tensor.allocate(DType.FLOAT64, 3, 4), "b", Tensor.allocate(DType.FLOAT64, 4, 5));
        StepInfo step = only(text, inputs);
        assertThat(step.refusals())
                .isNotEmpty()
                .allMatch(line -> line.matches("gemm\\S+: .+"))
                .noneMatch(line -> line.startsWith(step.kernel() + ":"));
        assertThat(SmallModels.model(text).session().inspect().explain(inputs))
                .contains("better kernels that were refused:\n  "
                        + step.refusals().getFirst() + "; steps 0\n");
    }

    @Test
    void aStepByReferenceSaysWhy() {
        StepInfo step = only("""
                graph g(%x: f64[2,3]) {
                  %y = Softmax(%x)
                  return %y
                }
                """, Map.of("x", Tensor.allocate(DType.FLOAT64, 2, 3)));
        assertThat(step.refusals())
                .allMatch(line -> line.startsWith("runs by reference: "))
                .isNotEmpty();
    }

    @Test
    void anOperatorWithoutKernelsSaysSo() {
        StepInfo step = only("""
                graph g(%x: f32[2,2]) {
                  %y = Det(%x)
                  return %y
                }
                """, Map.of("x", Tensor.allocate(DType.FLOAT32, 2, 2)));
        assertThat(step.refusals()).containsExactly("runs by reference: there is no kernel of Det");
    }
}
