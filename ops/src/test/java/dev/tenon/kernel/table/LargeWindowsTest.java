package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.kernel.Capabilities;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.KernelRun;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A part of a pooling takes long where windows are large: the budget is looked at within it. */
class LargeWindowsTest {
    private static final int SIZE = 128;
    private static final long KERNEL = 101;

    /** A window has 10,201 elements, a row of windows 28 times as many. */
    private static final int ROWS = SIZE - (int) KERNEL + 1;

    @ParameterizedTest
    @CsvSource({"MaxPool, 1", "MaxPool, 2", "AveragePool, 1"})
    void areNotUninterruptible(String name, int outputs) {
        Op op = AllCases.operators()
                .find("", name)
                .orElseThrow()
                .create(Attributes.none().with("kernel_shape", List.of(KERNEL, KERNEL)));
        List<Datum> inputs = List.of(Tensor.allocate(DType.FLOAT32, 1, 1, SIZE, SIZE));
        KernelRun.Prepared kernel = KernelRun.prepare(
                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, outputs), false, Capabilities.SCALAR);
        assertThat(kernel).isNotNull();
        int[] looks = new int[1];
        WorkBudget budget =
                WorkBudget.started("work", new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "time", "operations"));
        budget.stopWhen(() -> {
            looks[0]++;
            return false;
        });
        Tensor y = budget.run(() -> KernelRun.run(kernel, inputs)).getFirst();
        assertThat(y.shape().toArray()).containsExactly(1, 1, ROWS, ROWS);
        assertThat(looks[0]).as("looks of %s", kernel.kernel().id()).isGreaterThanOrEqualTo(2 * ROWS);
    }
}
