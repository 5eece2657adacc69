package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which outputs may be the same tensor as an input, and which are computed in memory of their own. */
class ZeroCopyBindingTest {
    private static final String CACHE = "f32[1,2,8,4]";
    private static final String SCATTER = "%y = TensorScatter<axis=2>(%x, %new, %at)\n";

    /** Whether the output y is bound if it is the same tensor as the input x. */
    private static boolean isBoundToItsInput(String body) {
        Graph graph = SmallModels.graph("graph g(%x: " + CACHE + ", %new: f32[1,2,1,4], %at: i64[1]) {\n" + body + "}");
        List<Tensor> inputs = List.of(
                Tensor.allocateNative(DType.FLOAT32, 1, 2, 8, 4),
                Tensor.allocateNative(DType.FLOAT32, 1, 2, 1, 4),
                Tensor.allocateNative(DType.INT64, 1));
        Program program = new Program(graph, CoreKernels.set(), Capabilities.SCALAR);
        Plan plan = Planner.plan(program, ShapeKey.of(inputs.toArray(Tensor[]::new)), Long.MAX_VALUE);
        BoundPlan bound =
                new BoundPlan(new CachedPlan(plan, null), Arena.ofAuto().allocate(plan.arenaBytes() + 1, 64), false);
        assertThat(bound.zeroCopy().bindInput(0, inputs.getFirst())).isTrue();
        bound.zeroCopy().bindOutput(0, inputs.getFirst());
        boolean isBound = bound.zeroCopy().hasOutput(0);
        bound.zeroCopy().unbind();
        return isBound;
    }

    @Test
    void aCacheIsAppendedToInPlace() {
        assertThat(isBoundToItsInput(SCATTER + "return %y")).isTrue();
        assertThat(isBoundToItsInput(SCATTER + "%z = Neg(%y)\nreturn %y, %z")).isTrue();
    }

    @Test
    void anInputThatAnotherStepReadsIsNotWrittenOver() {
        assertThat(isBoundToItsInput("%z = Neg(%x)\n" + SCATTER + "return %y, %z"))
                .isFalse();
        assertThat(isBoundToItsInput("%y = Add(%x, %x)\nreturn %y, %new, %at")).isFalse();
    }

    @Test
    void anOutputWhoseBufferIsUsedBeforeIsNotBound() {
        // The sum is planned in the memory of the concatenation, which is written before the input is read.
        String all = "%n = Softmax<axis=3>(%new)\n%e = Concat<axis=2>(%n, %n, %n, %n, %n, %n, %n, %n)\n";
        assertThat(isBoundToItsInput(all + "%y = Add(%e, %x)\nreturn %y, %at")).isFalse();
        assertThat(isBoundToItsInput(all + "%y = Add(%x, %e)\nreturn %y, %at")).isFalse();
    }

    @Test
    void anOperatorThatCanNotWriteInPlaceWritesElsewhere() {
        assertThat(isBoundToItsInput("%y = MaxPool<kernel_shape=[3,3], pads=[1,1,1,1]>(%x)\nreturn %y, %new, %at"))
                .isFalse();
    }
}
