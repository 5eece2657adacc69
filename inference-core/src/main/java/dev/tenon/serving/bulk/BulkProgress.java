package dev.tenon.serving.bulk;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a {@link Bulk} run is.
 *
 * @param next the index of the first item that is not done; a later run may start there
 * @param done items that the sink has got in this run
 * @param failed items that were left out in this run
 * @param elapsed the time since the run began
 * @param itemsPerSecond the speed of late
 * @param timeLeft the time that the rest will take at this speed, empty if the number of items is not known
 */
public record BulkProgress(
        long next, long done, long failed, Duration elapsed, double itemsPerSecond, Optional<Duration> timeLeft) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d done, %d failed, %.0f a second%s",
                done,
                failed,
                itemsPerSecond,
                timeLeft.map(t -> ", " + t.toSeconds() + " s left").orElse(""));
    }
}
