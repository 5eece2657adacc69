package dev.tenon.micrometer;

import dev.tenon.Tenon;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.DriftAlarm;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.versions.Models;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Meters from what models report. Until it is bound to a registry, it counts nothing. Safe for any number of threads. The tags
 * {@code model} and {@code version} say which model; a batcher that belongs to no {@link Models} has an empty version.
 *
 * <ul>
 *   <li>{@code tenon.calls}, a timer: calls that ended, by model, version and outcome, waiting included
 *   <li>{@code tenon.wait}, a timer: how long these calls waited, by model and version
 *   <li>{@code tenon.rejected}, a counter: calls that were refused
 *   <li>{@code tenon.batch.rows}, a summary: the rows of the runs
 *   <li>{@code tenon.loads}, a timer: versions that were loaded, by model, version and outcome, {@code ready} or {@code failed}
 *   <li>{@code tenon.swaps}, a counter: changes of the version that serves, or of the route
 *   <li>{@code tenon.shadows}, a counter: calls that a shadow has repeated, by model, version and whether outputs {@code agreed}
 *   <li>{@code tenon.drift}, a counter: alarms, by monitor, value and test
 *   <li>{@code tenon.queued.rows} and {@code tenon.running}, gauges
 *   <li>{@code tenon.tier}, a gauge for each tier of kernels: 1 while it is active, else 0
 * </ul>
 */
public final class TenonMeters implements PredictionListener, MeterBinder {
    private static final List<String> TIERS = List.of("assembled", "vector", "scalar");

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
    public TenonMeters(Supplier<Models> models) {
        this.models = models;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        for (String tier : TIERS) {
            Gauge.builder("tenon.tier", () -> Tenon.activeTiers().contains(tier) ? 1 : 0)
                    .description("1 while the tier of kernels is active.")
                    .tag("tier", tier)
                    .register(meters);
        }
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
                    .record(report.waitNanos() + report.runNanos(), TimeUnit.NANOSECONDS);
            to.timer("tenon.wait", tags(report.name())).record(report.waitNanos(), TimeUnit.NANOSECONDS);
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
        MeterRegistry to = registry;
        if (to != null) {
            Tags tags = Tags.of("model", report.model(), "version", report.version());
            to.timer("tenon.loads", tags.and("outcome", report.failure().isEmpty() ? "ready" : "failed"))
                    .record(report.nanos(), TimeUnit.NANOSECONDS);
            gauges();
        }
    }

    @Override
    public void onSwap(SwapReport report) {
        MeterRegistry to = registry;
        if (to != null) {
            to.counter("tenon.swaps", "model", report.model()).increment();
            gauges();
        }
    }

    @Override
    public void onShadow(ShadowReport report) {
        MeterRegistry to = registry;
        if (to != null) {
            Tags tags = Tags.of("model", report.model(), "version", report.version());
            to.counter("tenon.shadows", tags.and("agreed", String.valueOf(report.agreed())))
                    .increment();
        }
    }

    @Override
    public void onDrift(DriftAlarm alarm) {
        MeterRegistry to = registry;
        if (to != null) {
            String test = alarm.test().name().toLowerCase(Locale.ROOT);
            to.counter("tenon.drift", "monitor", alarm.monitor(), "value", alarm.value(), "test", test)
                    .increment();
        }
    }
}
