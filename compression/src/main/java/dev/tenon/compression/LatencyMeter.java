package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.TenonException;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures how long calls of two models take. Their calls alternate, so that both see the same machine. */
final class LatencyMeter {
    private static final int LEAST_ROUNDS = 7;
    private static final int MOST_ROUNDS = 301;
    private static final long NANOS = 3_000_000_000L;
    private static final long WARM_NANOS = 200_000_000L;
    private static final long LONG_WARM_NANOS = 3_000_000_000L;
    private static final int PROFILED_CALLS = 15;
    private static final double NANOS_A_MILLISECOND = 1e6;

    private final FirstSample sample;
    private final int threads;

    /**
     * A meter.
     *
     * @param sample the inputs of each call
     * @param threads the threads of a call
     */
    LatencyMeter(FirstSample sample, int threads) {
        this.sample = sample;
        this.threads = threads;
    }

    /** Measures two models after warming them up. */
    CompressionReport.Latency measure(Model before, Model after) {
        Session first = warm(before);
        Session second = warm(after);
        long[] ofFirst = new long[MOST_ROUNDS];
        long[] ofSecond = new long[MOST_ROUNDS];
        int rounds = 0;
        long start = System.nanoTime();
        while (rounds < MOST_ROUNDS && (rounds < LEAST_ROUNDS || System.nanoTime() - start < NANOS)) {
            ofFirst[rounds] = nanos(first);
            ofSecond[rounds] = nanos(second);
            rounds++;
        }
        return new CompressionReport.Latency(
                millis(ofFirst, rounds), millis(ofSecond, rounds), threads, operators(first, second));
    }

    /** A session that has predicted zeros until it was warm, and then the sample. */
    private Session warm(Model model) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        sample.inputs().forEach((name, tensor) -> shapes.put(name, tensor.dims()));
        Session session = model.session(SessionOptions.standard().threads(threads));
        long time = WARM_NANOS;
        try {
            session.warmUp(shapes);
        } catch (TenonException e) {
            // Zeros are no valid inputs for some models, such as lengths or sampling rates.
            time = LONG_WARM_NANOS;
        }
        long start = System.nanoTime();
        while (System.nanoTime() - start < time) {
            session.predict(sample.inputs());
        }
        return session;
    }

    private long nanos(Session session) {
        Map<String, Tensor> inputs = sample.inputs();
        long start = System.nanoTime();
        session.predict(inputs);
        return System.nanoTime() - start;
    }

    private static double millis(long[] nanos, int count) {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[count / 2] / NANOS_A_MILLISECOND;
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
