package dev.tenon.kernel;

import dev.tenon.budget.WorkBudget;
import java.lang.foreign.MemorySegment;

/**
 * Runs a kernel on the calling thread under a budget of work. A kernel that takes long is run a few parts at a time, with
 * a look at the budget in between. Results have the same bits: parts are independent.
 */
public final class BudgetedRun {
    /** The work between two looks at the budget, in nanoseconds. A single part may take longer. */
    public static final long NANOS_BETWEEN_LOOKS = 4_000_000;

    private BudgetedRun() {}

    /**
     * How long all stages of a kernel are expected to take on one thread.
     *
     * @param kernel the first stage
     * @return nanoseconds
     */
    public static long nanos(Kernel kernel) {
        double nanos = 0;
        for (Kernel stage = kernel; stage != null; stage = stage.nextStage()) {
            nanos += stageNanos(stage);
        }
        return (long) nanos;
    }

    /**
     * How long a stage is expected to take on one thread.
     *
     * @param stage the stage
     * @return nanoseconds
     */
    public static long stageNanos(Kernel stage) {
        return (long) ((double) stage.parts() * Math.max(1, stage.partNanos()));
    }

    /**
     * Runs all stages.
     *
     * @param kernel the kernel
     * @param operands its operands
     * @param scratch its scratch memory
     * @param work the budget; the work of the kernel is counted already
     * @throws dev.tenon.error.TenonException if a limit is reached or the thread is interrupted. Outputs are then
     *     partly written
     */
    public static void all(Kernel kernel, MemorySegment[] operands, MemorySegment scratch, WorkBudget work) {
        for (Kernel stage = kernel; stage != null; stage = stage.nextStage()) {
            stage(stage, operands, scratch, work);
        }
    }

    /**
     * Runs all parts of one stage.
     *
     * @param stage the stage
     * @param operands its operands
     * @param scratch its scratch memory
     * @param work the budget; the work of the stage is counted already
     * @throws dev.tenon.error.TenonException if a limit is reached or the thread is interrupted
     */
    public static void stage(Kernel stage, MemorySegment[] operands, MemorySegment scratch, WorkBudget work) {
        int parts = stage.parts();
        if (stageNanos(stage) <= NANOS_BETWEEN_LOOKS) {
            stage.run(operands, scratch, 0, parts);
            return;
        }
        // Estimates are for compiled loops on a current processor: the number of parts follows the time that they take.
        int step = (int) Math.clamp(NANOS_BETWEEN_LOOKS / 4 / Math.max(1, stage.partNanos()), 1, parts);
        long before = System.nanoTime();
        int from = 0;
        while (true) {
            int to = from + Math.min(step, parts - from);
            stage.run(operands, scratch, from, to);
            if (to == parts) {
                return;
            }
            work.look();
            long now = System.nanoTime();
            if (now - before < NANOS_BETWEEN_LOOKS / 2) {
                step = parts / 2 < step ? parts : 2 * step;
            } else if (now - before > NANOS_BETWEEN_LOOKS) {
                step = Math.max(1, step / 2);
            }
            before = now;
            from = to;
        }
    }
}
