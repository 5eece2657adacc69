package dev.tenon.serving;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The result of a {@link dev.tenon.serving.bulk.Bulk Bulk} run.
 *
 * @param next the index of the first item that is not done; a later run may start there
 * @param done items that the sink has got in this run
 * @param failed items that were left out in this run
 * @param runs runs of the model
 * @param elapsed the time of the run
 * @param failures the first failures, at most 100
 */
public record BulkReport(long next, long done, long failed, long runs, Duration elapsed, List<Failure> failures) {
    /**
     * An item that was left out.
     *
     * @param index its index
     * @param message why
     */
    public record Failure(long index, String message) {}

    /** Copies the list. */
    public BulkReport {
        failures = List.copyOf(failures);
    }

    /** {@return items a second, over the whole run} */
    public double itemsPerSecond() {
        return elapsed.isZero() ? 0 : done * 1e9 / TimeUnit.NANOSECONDS.convert(elapsed);
    }
}
