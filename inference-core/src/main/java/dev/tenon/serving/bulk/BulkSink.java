package dev.tenon.serving.bulk;

import dev.tenon.Outputs;

/**
 * Takes the results of a {@link Bulk} run, in the order of the items, on the thread of the caller.
 *
 * @param <T> the type of the items
 */
@FunctionalInterface
public interface BulkSink<T> {
    /**
     * Takes a result. An exception ends the run.
     *
     * @param index the index of the item
     * @param item the item
     * @param outputs its outputs, which belong to the sink
     */
    void accept(long index, T item, Outputs outputs);

    /**
     * Makes results durable. It is called before a checkpoint is written, and at the end.
     *
     * @param next the index of the first item whose result was not given to {@link #accept} yet
     */
    default void flush(long next) {}
}
