package dev.tenon.kernel;

import dev.tenon.budget.WorkBudget;
import java.lang.foreign.MemorySegment;

/**
 * Runs a kernel on the calling thread under a budget of work. A kernel that takes long is run a few parts at a time, with
 * a look at the budget in between. Results have the same bits: parts are independent.
 */
public final class BudgetedRun {
    /** The work between two looks at the budget, in nanoseconds. A single part may take longer. */
    private static final long NANOS_BETWEEN_LOOKS = 4_000_000;

    /**
     * The expected time of a stage that runs at once, without a look at the budget, in nanoseconds. Code that the JVM has
     * not compiled yet takes up to a hundred times as long.
     */
    private static final long NANOS_WITHOUT_LOOK = 200_000;

    /** The least time that a part takes in compiled code: kernels do not count what a part with little work costs. */
    private static final long LEAST_PART_NANOS = 50;

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
     * Whether a stage may take so long that the budget is to be looked at between its parts.
     *
     * @param stage the stage
     * @return false if it is short
     */
    public static boolean looks(Kernel stage) {
        return (double) stage.parts() * Math.max(LEAST_PART_NANOS, stage.partNanos()) > NANOS_WITHOUT_LOOK;
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
        if (!looks(stage)) {
            stage.run(operands, scratch, 0, parts);
            return;
        }
        // Estimates are for compiled loops on a current processor: the number of parts follows the time that they take.
        long partNanos = Math.max(LEAST_PART_NANOS, stage.partNanos());
        int step = Math.clamp(NANOS_WITHOUT_LOOK / 4 / partNanos, 1, parts);
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
            step = nextStep(step, now - before, parts - to, partNanos);
            before = now;
            from = to;
        }
    }

    /**
     * The number of parts to run next, after a step that took some time, if some parts are left. All that are left run at
     * once if both what they are expected to take and what the last step took say that this is short: parts may take
     * much longer than those before them.
     */
    private static int nextStep(int step, long nanos, int left, long partNanos) {
        if ((double) Math.max(partNanos, nanos / step) * left <= NANOS_BETWEEN_LOOKS) {
            return left;
        }
        if (nanos < NANOS_BETWEEN_LOOKS / 2) {
            return step > left / 2 ? left : 2 * step;
        }
        return nanos > NANOS_BETWEEN_LOOKS ? Math.max(1, step / 2) : step;
    }
}
