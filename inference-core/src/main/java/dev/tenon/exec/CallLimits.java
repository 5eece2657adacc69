package dev.tenon.exec;

import dev.tenon.budget.WorkLimits;

/**
 * Limits of the calls of a session.
 *
 * @param maxTensorBytes the largest size of a value
 * @param call how much a call may do: its work without the planning for new shapes, its time with it
 * @param preparation how much work planning for new shapes may do
 * @param maxIterations how often a call may run bodies of control operators, all of them together
 * @param maxPlanBytes about how much memory the cached plans of a session may take
 */
public record CallLimits(
        long maxTensorBytes, WorkLimits call, WorkLimits preparation, long maxIterations, long maxPlanBytes) {
    private static final WorkLimits NO_WORK_LIMITS = new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "", "");

    /** No limit at all. */
    public static final CallLimits NONE =
            new CallLimits(Long.MAX_VALUE, NO_WORK_LIMITS, NO_WORK_LIMITS, Long.MAX_VALUE, Long.MAX_VALUE);
}
