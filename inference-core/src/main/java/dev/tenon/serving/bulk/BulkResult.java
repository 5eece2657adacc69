package dev.tenon.serving.bulk;

import dev.tenon.Outputs;

/**
 * One item of {@link Bulk#results} and its outputs, or the reason why it has none.
 *
 * @param <T> the type of the items
 * @param index the index of the item
 * @param item the item
 * @param outputs its outputs, which belong to the caller; null if it failed
 * @param failure why it failed: its inputs could not be made, or the model does not take them; null if it did not
 */
public record BulkResult<T>(long index, T item, Outputs outputs, RuntimeException failure) {
    /** {@return whether there are no outputs} */
    public boolean isFailed() {
        return failure != null;
    }
}
