package dev.tenon.serving;

/**
 * The work of a {@link dev.tenon.serving.batch.Batcher Batcher} since it was made, and its present state. Counts of calls unless the name says rows or
 * runs.
 *
 * @param calls calls that got outputs
 * @param rows rows of these calls
 * @param runs runs of the model, the calls that ran alone among them; a call whose inputs do not fit the model has none
 * @param mergedRuns runs with the rows of two calls or more
 * @param rejected calls that were refused
 * @param expiredQueued calls whose deadline passed while they waited
 * @param expiredRunning calls whose deadline passed while they were computed
 * @param cancelled calls that were cancelled or interrupted
 * @param failed calls that the model could not compute, and calls whose inputs do not fit it
 * @param halvings runs that failed and were repeated in two halves
 * @param checkedRuns runs whose rows were computed once more alone, because rows of this shape and number had not been
 *     compared before
 * @param queuedRows rows that wait now
 * @param running runs that go on now
 * @param listenerFailures exceptions that listeners threw
 * @param toTheBit whether calls get the bits that they would get alone; false with {@link BatchOptions#withinNumerics}
 */
public record BatchStatistics(
        long calls,
        long rows,
        long runs,
        long mergedRuns,
        long rejected,
        long expiredQueued,
        long expiredRunning,
        long cancelled,
        long failed,
        long halvings,
        long checkedRuns,
        int queuedRows,
        int running,
        long listenerFailures,
        boolean toTheBit) {}
