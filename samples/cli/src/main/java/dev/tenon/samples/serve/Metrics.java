package dev.tenon.samples.serve;

import dev.tenon.serving.PredictionListener;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts requests and predictions, and prints them in the text format of Prometheus, version 0.0.4. Safe for any number of
 * threads.
 */
public final class Metrics implements PredictionListener {
    /** The upper bounds of the buckets of times, seconds. */
    private static final double[] BOUNDS = {
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private static final double NANOS = 1e9;

    /** Times in buckets; the last one is for those above all bounds. */
    static final class Histogram {
        private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
        private final LongAdder nanos = new LongAdder();

        private Histogram() {
            for (int i = 0; i < buckets.length; i++) {
                buckets[i] = new LongAdder();
            }
        }

        private void add(long duration) {
            int i = 0;
            while (i < BOUNDS.length && duration > BOUNDS[i] * NANOS) {
                i++;
            }
            buckets[i].increment();
            nanos.add(duration);
        }

        /** The number of times in each bucket. */
        long[] counts() {
            long[] counts = new long[buckets.length];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = buckets[i].sum();
            }
            return counts;
        }
    }

    /** By protocol, and by the label of the status. */
    private final Map<String, Map<String, LongAdder>> responses = new ConcurrentSkipListMap<>();

    private final Map<String, LongAdder> outcomes = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> rejections = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> batches = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> times = new ConcurrentSkipListMap<>();

    /** The upper bounds of the buckets, seconds. */
    static double[] bounds() {
        return BOUNDS.clone();
    }

    /** Makes counts that are all zero. */
    public Metrics() {}

    /**
     * Counts a response of the server.
     *
     * @param protocol the protocol, in lower case
     * @param status the status that the protocol gives it
     */
    public void response(String protocol, String status) {
        responses
                .computeIfAbsent(protocol, p -> new ConcurrentSkipListMap<>())
                .computeIfAbsent("status=\"" + status + "\"", s -> new LongAdder())
                .increment();
    }

    /** The times of the calls of a version that ended well, as {@code model:version}; null if there was none. */
    Histogram times(String version) {
        return times.get(version);
    }

    @Override
    public void onCall(CallReport report) {
        String outcome = report.outcome().name().toLowerCase(Locale.ROOT);
        outcomes.computeIfAbsent(labels(report.name()) + ",outcome=\"" + outcome + "\"", k -> new LongAdder())
                .increment();
        if (report.outcome() == Outcome.DONE) {
            times.computeIfAbsent(report.name(), k -> new Histogram()).add(report.waitNanos() + report.runNanos());
        }
    }

    @Override
    public void onReject(RejectReport report) {
        rejections.computeIfAbsent(labels(report.name()), k -> new LongAdder()).increment();
    }

    @Override
    public void onBatch(BatchReport report) {
        batches.computeIfAbsent(labels(report.name()), k -> new LongAdder()).increment();
    }

    /** The labels of a version that is named {@code model:version}. */
    private static String labels(String name) {
        int colon = name.lastIndexOf(':');
        return "model=\"" + escape(name.substring(0, colon)) + "\",version=\"" + escape(name.substring(colon + 1))
                + "\"";
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /** {@return all counts as text, in the format of Prometheus} */
    public String text() {
        StringBuilder out = new StringBuilder();
        responses.forEach((protocol, byStatus) -> counters(
                out, "tenon_" + protocol + "_responses_total", "Responses of the server by status.", byStatus));
        counters(out, "tenon_calls_total", "Calls of a model by the way they ended.", outcomes);
        counters(out, "tenon_rejected_total", "Calls that were refused because the queue was full.", rejections);
        counters(out, "tenon_runs_total", "Runs of a model, each for one call or several.", batches);
        head(out, "tenon_call_seconds", "histogram", "Time of calls that ended well, waiting included.");
        times.forEach((name, histogram) -> histogram(out, labels(name), histogram));
        return out.toString();
    }

    private static void counters(StringBuilder out, String name, String help, Map<String, LongAdder> counters) {
        head(out, name, "counter", help);
        counters.forEach((labels, n) -> line(out, name, labels, n.sum()));
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder out, String name, String labels, Object value) {
        out.append(name).append('{').append(labels).append("} ").append(value).append('\n');
    }

    private static void histogram(StringBuilder out, String labels, Histogram histogram) {
        long[] counts = histogram.counts();
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            String bound = i < BOUNDS.length ? String.valueOf(BOUNDS[i]) : "+Inf";
            line(out, "tenon_call_seconds_bucket", labels + ",le=\"" + bound + "\"", sum);
        }
        line(out, "tenon_call_seconds_sum", labels, histogram.nanos.sum() / NANOS);
        line(out, "tenon_call_seconds_count", labels, sum);
    }
}
