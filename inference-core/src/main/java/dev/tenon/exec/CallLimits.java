package dev.tenon.exec;

/**
 * Limits of the calls of a session.
 *
 * @param maxTensorBytes the largest size of a value
 * @param maxNanos how long a call may take; {@link Long#MAX_VALUE} for no limit
 * @param maxIterations how often a call may run bodies of control operators, all of them together
 * @param maxPlanBytes about how much heap the cached plans of a program may take
 */
public record CallLimits(long maxTensorBytes, long maxNanos, long maxIterations, long maxPlanBytes) {}
