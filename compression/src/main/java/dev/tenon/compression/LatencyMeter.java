package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.compression.measure.Turns;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Measures how long calls of two models take. Their calls alternate, so that both see the same machine. */
final class LatencyMeter {
    private static final Turns.Limits LIMITS = new Turns.Limits(5_000_000_000L, 7, 101, 3_000_000_000L);
    private static final int PROFILED_CALLS = 15;
    private static final double NANOS_A_MILLISECOND = 1e6;
    private static final double LOW = 0.1;
    private static final double MIDDLE = 0.5;
    private static final double HIGH = 0.9;

    private final Samples.Call sample;
    private final int threads;

    /**
     * A meter.
     *
     * @param sample the inputs of each call
     * @param threads the threads of a call
     */
    LatencyMeter(Samples.Call sample, int threads) {
        this.sample = sample;
        this.threads = threads;
    }

    /** Measures two models after warming them up. What is called after some calls may end it with an exception. */
    CompressionReport.Latency measure(Model before, Model after, Runnable tick) {
        OptionalDouble load = load();
        Session first = before.session(SessionOptions.standard().threads(threads));
        Session second = after.session(SessionOptions.standard().threads(threads));
        Turns.Times times = new Turns(() -> first.predict(sample.inputs()), () -> second.predict(sample.inputs()), tick)
                .measure(LIMITS);
        return new CompressionReport.Latency(
                spread(times.first()), spread(times.second()), threads, times.isWarm(), load, operators(first, second));
    }

    /** The load of the machine before the measurement. */
    private static OptionalDouble load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? OptionalDouble.empty() : OptionalDouble.of(load);
    }

    private static CompressionReport.Spread spread(long[] nanos) {
        return new CompressionReport.Spread(
                Turns.percentile(nanos, MIDDLE) / NANOS_A_MILLISECOND,
                Turns.percentile(nanos, LOW) / NANOS_A_MILLISECOND,
                Turns.percentile(nanos, HIGH) / NANOS_A_MILLISECOND);
    }

    private List<CompressionReport.OperatorTime> operators(Session first, Session second) {
        Map<String, Double> before = times(first);
        Map<String, Double> after = times(second);
        List<CompressionReport.OperatorTime> all = new ArrayList<>();
        Map<String, Double> names = new LinkedHashMap<>(before);
        after.forEach(names::putIfAbsent);
        for (String name : names.keySet()) {
            all.add(new CompressionReport.OperatorTime(
                    name, before.getOrDefault(name, 0.0), after.getOrDefault(name, 0.0)));
        }
        all.sort(Comparator.comparingDouble(
                        (CompressionReport.OperatorTime t) -> -Math.max(t.beforeMillis(), t.afterMillis()))
                .thenComparing(CompressionReport.OperatorTime::operator));
        return all;
    }

    private Map<String, Double> times(Session session) {
        Map<String, Double> times = new LinkedHashMap<>();
        Profile profile = session.inspect().profile(sample.inputs(), PROFILED_CALLS);
        for (Profile.StepTime time : profile.graphs().getFirst().steps()) {
            times.merge(time.step().node().op().schema().name(), time.medianNanos() / NANOS_A_MILLISECOND, Double::sum);
        }
        return times;
    }
}
