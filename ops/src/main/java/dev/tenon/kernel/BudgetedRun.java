package dev.tenon.kernel;

import dev.tenon.budget.WorkBudget;
import java.lang.foreign.MemorySegment;

/**
 * Runs a kernel on the calling thread under a budget of work. A kernel that takes long is run part by part, with a look
 * at the budget after every few parts. Results have the same bits: parts are independent.
 */
public final class BudgetedRun {
    /** The work between two looks at the budget, in nanoseconds. Estimates may be wrong by a factor of a few. */
    public static final long NANOS_BETWEEN_LOOKS = 1_000_000;

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
        long most = Math.max(1, NANOS_BETWEEN_LOOKS / Math.max(1, stage.partNanos()));
        if (parts <= most) {
            stage.run(operands, scratch, 0, parts);
            return;
        }
        int step = (int) most;
        for (int from = 0; from < parts; from += step) {
            stage.run(operands, scratch, from, Math.min(parts, from + step));
            if (parts - from <= step) {
                return;
            }
            work.look();
        }
    }
}
