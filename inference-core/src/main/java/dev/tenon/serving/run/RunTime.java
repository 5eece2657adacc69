package dev.tenon.serving.run;

/**
 * The time of runs that have ended well.
 *
 * @param group the shapes of their calls; null if there are none, or several runs
 * @param rows their rows, at least 1
 * @param nanos how long they took, without comparisons
 */
public record RunTime(RowGroup group, int rows, long nanos) {}
