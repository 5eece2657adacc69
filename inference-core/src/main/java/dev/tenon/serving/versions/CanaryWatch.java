package dev.tenon.serving.versions;

import dev.tenon.statistics.LatencyHistogram;
import dev.tenon.statistics.RareEvents;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Compares the versions of a route, and says when one is to be given up. Safe for any number of threads. */
final class CanaryWatch {
    private static final int CHECK_EVERY = 16;
    private static final int LEAST_CALLS = 20;
    private static final int LEAST_FOR_PERCENTILE = 1000;
    private static final double DEVIATIONS = 3;
    private static final double PERCENTILE = 0.99;
    /** Above this number of calls, old ones weigh half as much. */
    private static final long AGE = 20_000;

    private final List<Route.Rule> rules;
    private final String baseline;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Figures> figures = new HashMap<>();

    private static final class Figures {
        private final LatencyHistogram latency = new LatencyHistogram();
        private long calls;
        private long failures;
        private int sinceCheck;
    }

    CanaryWatch(List<Route.Rule> rules, String baseline) {
        this.rules = rules;
        this.baseline = baseline;
    }

    /** Takes a call into account. Returns why its version is to be given up, or null. */
    String record(String version, long nanos, boolean failed) {
        lock.lock();
        try {
            Figures f = figures.computeIfAbsent(version, v -> new Figures());
            f.calls++;
            f.failures += failed ? 1 : 0;
            if (!failed) {
                f.latency.add(nanos);
            }
            if (f.calls >= AGE) {
                f.calls /= 2;
                f.failures /= 2;
                f.latency.age();
            }
            f.sinceCheck++;
            if (version.equals(baseline) || f.sinceCheck < CHECK_EVERY) {
                return null;
            }
            f.sinceCheck = 0;
            return reason(version, f);
        } finally {
            lock.unlock();
        }
    }

    private String reason(String version, Figures f) {
        for (Route.Rule rule : rules) {
            String reason =
                    switch (rule) {
                        case Route.ErrorRate r -> tooManyErrors(r, f);
                        case Route.P99Ratio r -> tooSlow(r, f);
                    };
            if (reason != null) {
                return "version " + version + " was given up: " + reason;
            }
        }
        return null;
    }

    private static String tooManyErrors(Route.ErrorRate rule, Figures f) {
        boolean certain = f.calls >= LEAST_CALLS && RareEvents.atLeast(f.failures, f.calls, DEVIATIONS) > rule.most();
        return certain ? f.failures + " of " + f.calls + " calls failed, above a share of " + rule.most() : null;
    }

    private String tooSlow(Route.P99Ratio rule, Figures f) {
        Figures base = figures.get(baseline);
        if (base == null || base.latency.total() < LEAST_FOR_PERCENTILE || f.latency.total() < LEAST_FOR_PERCENTILE) {
            return null;
        }
        // The rank of a percentile has a binomial distribution: this one is certain to be below it.
        double n = f.latency.total();
        long rank = (long) (n * PERCENTILE - DEVIATIONS * Math.sqrt(n * PERCENTILE * (1 - PERCENTILE)));
        long slow = f.latency.atRank(rank);
        long usual = base.latency.percentile(PERCENTILE);
        return slow > rule.most() * usual
                ? "its 99th percentile is above " + slow / 1000 + " microseconds, that of " + baseline + " is "
                        + usual / 1000
                : null;
    }
}
