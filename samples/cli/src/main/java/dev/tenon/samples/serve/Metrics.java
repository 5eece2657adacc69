package dev.tenon.samples.serve;

import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.DriftAlarm;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.versions.Models;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntFunction;

/**
 * Counts requests and predictions, and prints them in the text format of Prometheus, version 0.0.4. Safe for any number of
 * threads.
 */
public final class Metrics implements PredictionListener {
    /** The upper bounds of the buckets of times, seconds. */
    private static final double[] BOUNDS = {
        0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
        2.5, 5, 10
    };

    private static final double NANOS = 1e9;

    /** The upper bounds of the buckets of rows in a run. */
    private static final double[] ROWS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

    /** Values in buckets; the last one is for those above all bounds. */
    static final class Histogram {
        private final double[] bounds;
        private final LongAdder[] buckets;
        private final DoubleAdder sum = new DoubleAdder();

        private Histogram(double[] bounds) {
            this.bounds = bounds;
            this.buckets = new LongAdder[bounds.length + 1];
            Arrays.setAll(buckets, i -> new LongAdder());
        }

        private void add(double value) {
            int i = 0;
            while (i < bounds.length && value > bounds[i]) {
                i++;
            }
            buckets[i].increment();
            sum.add(value);
        }

        /** The number of values in each bucket. */
        long[] counts() {
            return Arrays.stream(buckets).mapToLong(LongAdder::sum).toArray();
        }
    }

    /** By protocol, and by the label of the status. */
    private final Map<String, Map<String, LongAdder>> responses = new ConcurrentSkipListMap<>();

    private final Map<String, LongAdder> outcomes = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> rejections = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> batches = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> loads = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> swaps = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> shadows = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> alarms = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> times = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> rows = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> requests = new ConcurrentSkipListMap<>();

    /** The upper bounds of the buckets of times, seconds. */
    static double[] bounds() {
        return BOUNDS.clone();
    }

    /** The upper bounds of the buckets of rows in a run. */
    static double[] rowBounds() {
        return ROWS.clone();
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

    /**
     * Counts the time of a request for a prediction that ended well: reading of the body, the call, and writing of the answer.
     *
     * @param model the name of the model
     * @param nanos the time from the end of the headers to that of the answer
     */
    public void request(String model, long nanos) {
        requests.computeIfAbsent(model, k -> new Histogram(BOUNDS)).add(nanos / NANOS);
    }

    /** The times of the calls of a version that ended well, as {@code model:version}. */
    long[] times(String version) {
        return counts(times.get(version), BOUNDS);
    }

    /** The rows of the runs of a version, as {@code model:version}. */
    long[] rows(String version) {
        return counts(rows.get(version), ROWS);
    }

    /** The times of the requests of a model. */
    long[] requests(String model) {
        return counts(requests.get(model), BOUNDS);
    }

    private static long[] counts(Histogram histogram, double[] bounds) {
        return histogram == null ? new long[bounds.length + 1] : histogram.counts();
    }

    @Override
    public void onCall(CallReport report) {
        String outcome = report.outcome().name().toLowerCase(Locale.ROOT);
        count(outcomes, labels(report.name()) + ",outcome=\"" + outcome + "\"");
        if (report.outcome() == Outcome.DONE) {
            times.computeIfAbsent(report.name(), k -> new Histogram(BOUNDS))
                    .add((report.waitNanos() + report.runNanos()) / NANOS);
        }
    }

    @Override
    public void onReject(RejectReport report) {
        count(rejections, labels(report.name()));
    }

    @Override
    public void onBatch(BatchReport report) {
        count(batches, labels(report.name()));
        rows.computeIfAbsent(report.name(), k -> new Histogram(ROWS)).add(report.rows());
    }

    @Override
    public void onLoad(LoadReport report) {
        String outcome = report.failure().isEmpty() ? "ready" : "failed";
        count(loads, labels(report.model(), report.version()) + ",outcome=\"" + outcome + "\"");
    }

    @Override
    public void onSwap(SwapReport report) {
        count(swaps, "model=\"" + escape(report.model()) + "\"");
    }

    @Override
    public void onShadow(ShadowReport report) {
        count(shadows, labels(report.model(), report.version()) + ",agreed=\"" + report.agreed() + "\"");
    }

    @Override
    public void onDrift(DriftAlarm alarm) {
        count(
                alarms,
                "model=\"" + escape(alarm.monitor()) + "\",value=\"" + escape(alarm.value()) + "\",test=\""
                        + alarm.test() + "\"");
    }

    private static void count(Map<String, LongAdder> counters, String labels) {
        counters.computeIfAbsent(labels, k -> new LongAdder()).increment();
    }

    /** The labels of a version that is named {@code model:version}. */
    private static String labels(String name) {
        int colon = name.lastIndexOf(':');
        return labels(name.substring(0, colon), name.substring(colon + 1));
    }

    private static String labels(String model, String version) {
        return "model=\"" + escape(model) + "\",version=\"" + escape(version) + "\"";
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /**
     * All counts, and the state of models now.
     *
     * @param models the models
     * @return text in the format of Prometheus
     */
    public String text(Models models) {
        StringBuilder out = new StringBuilder(text());
        gauges(out, models, "tenon_queued_rows", "Rows that wait.", BatchStatistics::queuedRows);
        gauges(out, models, "tenon_running", "Runs that go on.", BatchStatistics::running);
        return out.toString();
    }

    /** A value of now that has no labels. */
    static String gauge(String name, String help, long value) {
        StringBuilder out = new StringBuilder();
        head(out, name, "gauge", help);
        return out.append(name).append(' ').append(value).append('\n').toString();
    }

    private static void gauges(
            StringBuilder out, Models models, String name, String help, ToIntFunction<BatchStatistics> value) {
        head(out, name, "gauge", help);
        for (String model : models.names()) {
            for (Models.Status status : ServedModels.versions(models, model)) {
                line(out, name, labels(model, status.version()), value.applyAsInt(status.statistics()));
            }
        }
    }

    /** {@return all counts as text, in the format of Prometheus} */
    public String text() {
        StringBuilder out = new StringBuilder();
        responses.forEach((protocol, byStatus) -> counters(
                out, "tenon_" + protocol + "_responses_total", "Responses of the server by status.", byStatus));
        counters(out, "tenon_calls_total", "Calls of a model by the way they ended.", outcomes);
        counters(out, "tenon_rejected_total", "Calls that were refused because the queue was full.", rejections);
        counters(out, "tenon_runs_total", "Runs of a model, each for one call or several.", batches);
        counters(out, "tenon_loads_total", "Versions that were loaded, or could not be.", loads);
        counters(out, "tenon_swaps_total", "Changes of the version that serves, or of the route.", swaps);
        counters(out, "tenon_shadow_calls_total", "Calls that a shadow has repeated.", shadows);
        counters(out, "tenon_drift_alarms_total", "Inputs that differ from the reference.", alarms);
        head(out, "tenon_call_seconds", "histogram", "Time of calls that ended well, waiting included.");
        times.forEach((name, histogram) -> histogram(out, "tenon_call_seconds", labels(name), histogram));
        head(out, "tenon_run_rows", "histogram", "Rows of a run.");
        rows.forEach((name, histogram) -> histogram(out, "tenon_run_rows", labels(name), histogram));
        head(out, "tenon_request_seconds", "histogram", "Time of requests that ended well, with reading and writing.");
        requests.forEach((model, histogram) ->
                histogram(out, "tenon_request_seconds", "model=\"" + escape(model) + "\"", histogram));
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

    private static void histogram(StringBuilder out, String name, String labels, Histogram histogram) {
        long[] counts = histogram.counts();
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            String bound = i < histogram.bounds.length ? String.valueOf(histogram.bounds[i]) : "+Inf";
            line(out, name + "_bucket", labels + ",le=\"" + bound + "\"", sum);
        }
        line(out, name + "_sum", labels, histogram.sum.sum());
        line(out, name + "_count", labels, sum);
    }
}
