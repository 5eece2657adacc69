package dev.tenon.hub;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Tells a listener now and then how far a download is. For one thread. */
final class ProgressMeter {
    private static final long INTERVAL_NANOS = 250_000_000;
    private static final double NANOS = 1e9;

    /** The weight of the last interval in the rate. */
    private static final double NEWEST = 0.25;

    private final String file;
    private final Consumer<? super DownloadProgress> listener;
    private final LongSupplier nanoTime;
    private long lastTime;
    private long lastBytes;
    private double rate;

    /**
     * A meter.
     *
     * @param file the name in reports
     * @param bytes those that are there before it starts
     * @param listener gets the reports
     * @param nanoTime the clock
     */
    ProgressMeter(String file, long bytes, Consumer<? super DownloadProgress> listener, LongSupplier nanoTime) {
        this.file = file;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.lastTime = nanoTime.getAsLong();
        this.lastBytes = bytes;
    }

    /** Reports if the last report is long enough ago. */
    void advance(long bytes, long total) {
        if (nanoTime.getAsLong() - lastTime >= INTERVAL_NANOS) {
            report(bytes, total);
        }
    }

    /** Reports. A total below zero is not known. */
    void report(long bytes, long total) {
        long now = nanoTime.getAsLong();
        if (now > lastTime) {
            double latest = (bytes - lastBytes) * NANOS / (now - lastTime);
            rate = rate == 0 ? latest : rate + NEWEST * (latest - rate);
        }
        lastTime = now;
        lastBytes = bytes;
        Optional<Duration> left = total < 0 || rate <= 0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(Math.round((total - bytes) * 1000.0 / rate)));
        listener.accept(new DownloadProgress(
                file, bytes, total < 0 ? OptionalLong.empty() : OptionalLong.of(total), rate, left));
    }
}
