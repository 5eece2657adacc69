package dev.tenon.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkBudgetTest {
    private static final long FEW = 100_000;

    private static WorkLimits limits(Duration time, long operations) {
        return WorkLimits.of(time, operations, "Options.time", "Options.operations");
    }

    @Test
    void operationsAreUsedUp() {
        WorkBudget budget = WorkBudget.started("work", limits(null, FEW));
        budget.count(FEW);
        assertThat(budget.isOver()).isFalse();
        assertThatThrownBy(() -> budget.count(WorkBudget.OPERATIONS_BETWEEN_LOOKS))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("work")
                .hasMessageContaining("after")
                .hasMessageContaining((FEW + WorkBudget.OPERATIONS_BETWEEN_LOOKS) + " operations")
                .hasMessageContaining("allowed " + FEW + " operations")
                .hasMessageContaining("raise Options.operations");
        assertThat(budget.isOver()).isTrue();
        assertThatThrownBy(() -> budget.count(Long.MAX_VALUE)).isInstanceOf(ResourceLimitException.class);
        budget.start("other work", limits(null, FEW));
        budget.look();
    }

    @Test
    void timeIsUsedUp() {
        WorkBudget budget = WorkBudget.started("work", limits(Duration.ZERO, Long.MAX_VALUE));
        assertThatThrownBy(budget::look)
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("work: the time limit was reached after 0 ms and 0 operations")
                .hasMessageContaining("allowed 0 ms")
                .hasMessageContaining("raise Options.time");
    }

    @Test
    void anInterruptIsSeenAndKept() {
        WorkBudget budget = WorkBudget.started("work", limits(null, Long.MAX_VALUE));
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(budget::look)
                    .isInstanceOf(InterruptedPredictionException.class)
                    .hasMessageContaining("interrupted");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        budget.look();
    }

    @Test
    void aThreadHasTheBudgetThatItEnteredLast() {
        assertThat(WorkBudget.current()).isNull();
        WorkBudget.spend(Long.MAX_VALUE);
        WorkBudget outer = WorkBudget.started("outer", limits(null, FEW));
        WorkBudget inner = WorkBudget.started("inner", limits(null, FEW));
        outer.run(() -> {
            WorkBudget.spend(1);
            return inner.run(() -> {
                WorkBudget.spend(2);
                return null;
            });
        });
        assertThat(WorkBudget.current()).isNull();
        assertThat(outer.spent()).isEqualTo(1);
        assertThat(inner.spent()).isEqualTo(2);
    }

    @Test
    void aPartHasTheTimeThatIsLeft() {
        WorkBudget budget = WorkBudget.started("work", limits(Duration.ZERO, FEW));
        assertThatThrownBy(() ->
                        budget.part("part", Long.MAX_VALUE, Long.MAX_VALUE).look())
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("part");
        WorkBudget timeless = WorkBudget.started("work", limits(null, FEW));
        assertThatThrownBy(() ->
                        timeless.part("part", Long.MAX_VALUE, Long.MAX_VALUE).count(2 * FEW))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void tensorsThatAreMadeWhileAMeterRunsCountTheirElements() {
        WorkBudget budget = WorkBudget.started("work", limits(null, FEW));
        Tensor before = Tensor.allocate(DType.FLOAT32, 10);
        Tensor counted = budget.run(() -> {
            budget.startMeter();
            try {
                Tensor t = Tensor.allocate(DType.FLOAT32, 10);
                assertThatThrownBy(() -> touch(t)).isInstanceOf(ResourceLimitException.class);
                assertThatThrownBy(() -> touch(before.reshape(2, 5))).isInstanceOf(ResourceLimitException.class);
                return t;
            } finally {
                budget.endMeter();
            }
        });
        long spent = budget.spent();
        touch(before);
        touch(counted);
        assertThat(budget.spent()).as("an ended meter counts nothing").isEqualTo(spent);
    }

    private static void touch(Tensor t) {
        for (int i = 0; i < 2 * FEW; i++) {
            t.setDouble(i % t.size(), i);
        }
    }
}
