package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CoreKernels;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Outputs that lie in the memory of an input: where they may, and where they are computed apart. */
class ZeroCopyBindingTest {
    private static final String CACHE = "f32[1,2,8,4]";
    private static final String SCATTER = "%y = TensorScatter<axis=2>(%x, %new, %at)\n";

    /** Whether the output y stands in for the arena when it is the input x itself. */
    private static boolean liesInItsInput(String body) {
        Graph graph = SmallModels.graph("graph g(%x: " + CACHE + ", %new: f32[1,2,1,4], %at: i64[1]) {\n" + body + "}");
        List<Tensor> inputs = List.of(
                Tensor.allocateNative(DType.FLOAT32, 1, 2, 8, 4),
                Tensor.allocateNative(DType.FLOAT32, 1, 2, 1, 4),
                Tensor.allocateNative(DType.INT64, 1));
        Program program = new Program(graph, CoreKernels.set(), Capabilities.SCALAR);
        Plan plan = Planner.plan(program, ShapeKey.of(inputs.toArray(Tensor[]::new)), Long.MAX_VALUE);
        BoundPlan binding = new BoundPlan(plan, Arena.ofAuto().allocate(plan.arenaBytes() + 1, 64), false);
        assertThat(binding.caller().lendInput(0, inputs.getFirst())).isTrue();
        binding.caller().lendOutput(0, inputs.getFirst());
        boolean lies = binding.caller().hasOutput(0);
        binding.caller().giveBack();
        return lies;
    }

    @Test
    void aCacheIsAppendedToWhereItLies() {
        assertThat(liesInItsInput(SCATTER + "return %y")).isTrue();
        assertThat(liesInItsInput(SCATTER + "%z = Neg(%y)\nreturn %y, %z")).isTrue();
    }

    @Test
    void whatIsReadElsewhereIsNotWrittenOver() {
        assertThat(liesInItsInput("%z = Neg(%x)\n" + SCATTER + "return %y, %z")).isFalse();
        assertThat(liesInItsInput("%y = Add(%x, %x)\nreturn %y, %new, %at")).isFalse();
    }

    @Test
    void whatLiesInTheOutputBeforeItIsWrittenStaysApart() {
        // The sum is planned in the memory of the concatenation, which is written before the input is read.
        String all = "%n = Softmax<axis=3>(%new)\n%e = Concat<axis=2>(%n, %n, %n, %n, %n, %n, %n, %n)\n";
        assertThat(liesInItsInput(all + "%y = Add(%e, %x)\nreturn %y, %at")).isFalse();
        assertThat(liesInItsInput(all + "%y = Add(%x, %e)\nreturn %y, %at")).isFalse();
    }

    @Test
    void anOperatorThatCanNotWriteInPlaceWritesElsewhere() {
        assertThat(liesInItsInput("%y = MaxPool<kernel_shape=[3,3], pads=[1,1,1,1]>(%x)\nreturn %y, %new, %at"))
                .isFalse();
    }
}
