package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.kernel.Capabilities;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Tier;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A part of a pooling takes long where windows are large: the budget is looked at within it. */
@Tag("tiers")
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
        Tensor y = budget(looks).run(() -> KernelRun.run(kernel, inputs)).getFirst();
        assertThat(y.shape().toArray()).containsExactly(1, 1, ROWS, ROWS);
        assertThat(looks[0]).as("looks of %s", kernel.kernel().id()).isGreaterThanOrEqualTo(2 * ROWS);
    }

    /** Long and many rows are computed with the results of the reference, and with looks between their parts. */
    @ParameterizedTest
    @CsvSource({"1, 3, 50003", "2, 3, 50003", "1, 30000, 5"})
    @Tag("widest")
    void longAndManyRows(int outputs, int rows, int columns) {
        Op op = AllCases.operators()
                .find("", "MaxPool")
                .orElseThrow()
                .create(Attributes.none().with("kernel_shape", List.of(2L, 5L)).with("pads", List.of(0L, 3L, 1L, 1L)));
        SplittableRandom random = new SplittableRandom(29);
        Tensor x = Tensor.allocate(DType.FLOAT32, 1, 1, rows, columns);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextDouble() - 0.5);
        }
        KernelRun.Prepared kernel = KernelRun.prepare(
                CoreKernels.set(),
                op,
                List.of(x),
                KernelRun.outputTypes(op, List.of(x), outputs),
                false,
                Tier.capabilities());
        int[] looks = new int[1];
        List<Tensor> found = budget(looks).run(() -> KernelRun.run(kernel, List.of(x)));
        List<Datum> expected = op.reference(new Operands(op, "", List.of(x), outputs));
        for (int i = 0; i < outputs; i++) {
            assertThat(found.get(i).contentEquals((Tensor) expected.get(i)))
                    .as("output %d of %s", i, kernel.kernel().id())
                    .isTrue();
        }
        // A kernel of several parts is looked at between them.
        assertThat(looks[0] + kernel.kernel().parts())
                .as("looks of %s", kernel.kernel().id())
                .isGreaterThan(1);
    }

    private static WorkBudget budget(int[] looks) {
        WorkBudget budget =
                WorkBudget.started("work", new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "time", "operations"));
        budget.stopWhen(() -> {
            looks[0]++;
            return false;
        });
        return budget;
    }
}
