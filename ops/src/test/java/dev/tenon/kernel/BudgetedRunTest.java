package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InterruptedPredictionException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetedRunTest {
    private static final WorkLimits NONE = new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "time", "operations");

    /** Counts how often each part runs. */
    private static class Counting implements Kernel {
        private final int[] runs;
        private final long partNanos;

        Counting(int parts, long partNanos) {
            this.runs = new int[parts];
            this.partNanos = partNanos;
        }

        @Override
        public String id() {
            return "counting";
        }

        @Override
        public int parts() {
            return runs.length;
        }

        @Override
        public long partNanos() {
            return partNanos;
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
            for (int i = from; i < to; i++) {
                runs[i]++;
            }
        }

        private int sum() {
            return Arrays.stream(runs).sum();
        }
    }

    private static void run(Kernel kernel, boolean stopped) {
        WorkBudget budget = WorkBudget.started("work", NONE);
        budget.stopWhen(() -> stopped);
        BudgetedRun.all(kernel, new MemorySegment[0], MemorySegment.NULL, budget);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100, 10_000, 10_000_000})
    void eachPartRunsOnce(long partNanos) {
        for (int parts : new int[] {0, 1, 2, 63, 1000, 100_000}) {
            Counting kernel = new Counting(parts, partNanos);
            run(kernel, false);
            assertThat(kernel.runs).containsOnly(parts == 0 ? new int[0] : new int[] {1});
        }
    }

    /** Very many parts take time, even if the kernel expects none: the budget is looked at between them. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100, 10_000_000})
    void aStopEndsALongStage(long partNanos) {
        Counting kernel = new Counting(100_000, partNanos);
        assertThatThrownBy(() -> run(kernel, true)).isInstanceOf(InterruptedPredictionException.class);
        assertThat(kernel.sum()).isBetween(1, 5000);
    }

    /** The first parts of a stage take no time, but it is expected to take long: others may. */
    @Test
    void quickPartsDoNotTellWhatOthersTake() {
        List<Integer> ranges = new ArrayList<>();
        Counting kernel = new Counting(10_000, 1_000_000) {
            @Override
            public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
                ranges.add(to - from);
                super.run(operands, scratch, from, to);
            }
        };
        run(kernel, false);
        assertThat(kernel.runs).containsOnly(1);
        int before = 1;
        for (int range : ranges) {
            assertThat(range).as("%s", ranges).isLessThanOrEqualTo(3 * before);
            before = range;
        }
    }

    @Test
    void aShortStageRunsWithoutALook() {
        Counting kernel = new Counting(100, 100);
        run(kernel, true);
        assertThat(kernel.sum()).isEqualTo(100);
    }
}
