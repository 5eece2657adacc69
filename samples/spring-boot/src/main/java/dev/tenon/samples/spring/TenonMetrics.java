package dev.tenon.samples.spring;

import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.versions.Models;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Meters from what models report. Until it is bound to a registry, it counts nothing. Safe for any number of threads.
 *
 * <ul>
 *   <li>{@code tenon.calls}, a timer: calls that ended, by model, version and outcome, waiting included
 *   <li>{@code tenon.rejected}, a counter: calls that were refused
 *   <li>{@code tenon.batch.rows}, a summary: the rows of the runs
 *   <li>{@code tenon.swaps}, a counter: changes of the version that serves, or of the route
 *   <li>{@code tenon.queued.rows} and {@code tenon.running}, gauges
 * </ul>
 */
public final class TenonMetrics implements PredictionListener, MeterBinder {
    private final Supplier<Models> models;
    /** Held while gauges are registered: of two threads, the one that saw fewer versions must not be the last. */
    private final ReentrantLock registration = new ReentrantLock();

    private volatile MeterRegistry registry;
    private MultiGauge queued;
    private MultiGauge running;

    /**
     * Makes the meters.
     *
     * @param models the registry of models, null while there is none
     */
    public TenonMetrics(Supplier<Models> models) {
        this.models = models;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        registration.lock();
        try {
            queued = MultiGauge.builder("tenon.queued.rows")
                    .description("Rows that wait.")
                    .register(meters);
            running = MultiGauge.builder("tenon.running")
                    .description("Runs that go on.")
                    .register(meters);
            registry = meters;
            gauges();
        } finally {
            registration.unlock();
        }
    }

    /** Has a gauge for each version that is loaded now. */
    private void gauges() {
        // Before it is bound, the registry of models may still be in the making.
        Models all = registry == null ? null : models.get();
        if (all == null) {
            return;
        }
        registration.lock();
        try {
            // Gauges that are there already stay: a scrape between their end and their return would miss them.
            queued.register(rows(all, BatchStatistics::queuedRows), false);
            running.register(rows(all, BatchStatistics::running), false);
        } finally {
            registration.unlock();
        }
    }

    private static List<MultiGauge.Row<?>> rows(Models all, ToDoubleFunction<BatchStatistics> value) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (String name : all.names()) {
            for (Models.Status status : all.versions(name)) {
                rows.add(MultiGauge.Row.of(
                        Tags.of("model", name, "version", status.version()),
                        all,
                        m -> statistic(m, name, status.version(), value)));
            }
        }
        return rows;
    }

    /** Looks the version up each time, since a gauge that held it would keep it in memory. NaN if it is unloaded. */
    private static double statistic(Models all, String name, String version, ToDoubleFunction<BatchStatistics> value) {
        try {
            return value.applyAsDouble(all.batcher(name, version).statistics());
        } catch (UnknownModelException e) {
            return Double.NaN;
        }
    }

    /** The tags of a version that is named {@code model:version}. A batcher that belongs to no registry has no version. */
    private static Tags tags(String name) {
        int colon = name.lastIndexOf(':');
        return colon < 0
                ? Tags.of("model", name, "version", "")
                : Tags.of("model", name.substring(0, colon), "version", name.substring(colon + 1));
    }

    @Override
    public void onCall(CallReport report) {
        MeterRegistry to = registry;
        if (to != null) {
            Timer.builder("tenon.calls")
                    .description("Calls that ended, waiting included.")
                    .tags(tags(report.name())
                            .and("outcome", report.outcome().name().toLowerCase(Locale.ROOT)))
                    .publishPercentileHistogram()
                    .register(to)
                    .record(Duration.ofNanos(report.waitNanos() + report.runNanos()));
        }
    }

    @Override
    public void onReject(RejectReport report) {
        MeterRegistry to = registry;
        if (to != null) {
            to.counter("tenon.rejected", tags(report.name())).increment();
        }
    }

    @Override
    public void onBatch(BatchReport report) {
        MeterRegistry to = registry;
        if (to != null) {
            DistributionSummary.builder("tenon.batch.rows")
                    .description("Rows of the runs of a model.")
                    .tags(tags(report.name()))
                    .register(to)
                    .record(report.rows());
        }
    }

    @Override
    public void onLoad(LoadReport report) {
        gauges();
    }

    @Override
    public void onSwap(SwapReport report) {
        MeterRegistry to = registry;
        if (to != null) {
            to.counter("tenon.swaps", "model", report.model()).increment();
            gauges();
        }
    }
}
