package dev.tenon.benchmarks;

import java.util.List;
import java.util.Locale;

/** Comparisons as a table for people and as JSON. */
final class ComparisonText {
    private static final String HEAD = "%-20s %-15s %7s | %-29s | %-29s | %-13s | %8s %7s | %9s %9s%n";
    private static final double P99 = 0.99;
    private static final double P50 = 0.5;

    private ComparisonText() {}

    /**
     * A table, one line for each case.
     *
     * @param comparisons what was measured
     * @return several lines
     */
    static String table(List<Comparison> comparisons) {
        Samples peak = new Samples();
        comparisons.forEach(c -> peak.add(c.peak()));
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "FMA peak of one core, measured between the forks: %.1f GFLOP/s at best, %.1f in the median.%n",
                Comparison.peakGflops(peak.min()),
                Comparison.peakGflops(peak.quantile(P50))));
        text.append(String.format(
                Locale.ROOT, "Times are milliseconds of one call; a ratio below 1 says that tenon is faster.%n%n"));
        String columns = String.format(Locale.ROOT, "%9s %9s %9s", "min", "p50", "p99");
        text.append(String.format(
                Locale.ROOT,
                HEAD,
                "",
                "",
                "",
                Engines.TENON,
                Engines.ONNXRUNTIME,
                "ratio of",
                "",
                "of FMA",
                "",
                "max"));
        text.append(String.format(
                Locale.ROOT,
                HEAD,
                "model",
                "shape",
                "threads",
                columns,
                columns,
                String.format(Locale.ROOT, "%6s %6s", "min", "p50"),
                "GFLOP/s",
                "peak",
                "cosine",
                "diff"));
        for (Comparison c : comparisons) {
            text.append(String.format(
                    Locale.ROOT,
                    HEAD,
                    c.benchmark().model(),
                    c.benchmark().sizes(),
                    c.benchmark().threads(),
                    times(c.ours()),
                    times(c.peer()),
                    String.format(Locale.ROOT, "%6s %6s", number("%.3f", c.ratio(0)), number("%.3f", c.ratio(P50))),
                    number("%.1f", c.gflops()),
                    number("%.1f %%", 100 * c.shareOfPeak()),
                    String.format(Locale.ROOT, "%.7f", c.agreement().cosine()),
                    String.format(Locale.ROOT, "%.1e", c.agreement().maxDifference())));
        }
        for (Comparison c : comparisons) {
            if (!c.agreement().holds(c.benchmark())) {
                text.append(String.format(
                        Locale.ROOT,
                        "%s %s: the outputs do not agree, the cosine is below %s%n",
                        c.benchmark().model(),
                        c.benchmark().sizes(),
                        c.benchmark().leastCosine()));
            }
        }
        return text.toString();
    }

    private static String times(Samples samples) {
        return String.format(
                Locale.ROOT,
                "%9s %9s %9s",
                number("%.4f", samples.min()),
                number("%.4f", samples.quantile(P50)),
                number("%.4f", samples.quantile(P99)));
    }

    /**
     * A list of objects, one for each case; null stands for what was not measured.
     *
     * @param comparisons what was measured
     * @param tiers the names of the active tiers
     * @return JSON
     */
    static String json(List<Comparison> comparisons, List<String> tiers) {
        List<String> objects = comparisons.stream()
                .map(c -> String.format(
                        Locale.ROOT,
                        "  {\"model\": \"%s\", \"shapes\": \"%s\", \"threads\": %d, \"tiers\": [%s],%n"
                                + "   \"ours_ms\": %s, \"peer_ms\": %s, \"ratio\": %s, \"ratio_p50\": %s,%n"
                                + "   \"gflops\": %s, \"peak_gflops\": %s, \"agree\": %b, \"max_abs_diff\": %s}",
                        c.benchmark().model(),
                        c.benchmark().sizes(),
                        c.benchmark().threads(),
                        String.join(", ", tiers.stream().map(t -> '"' + t + '"').toList()),
                        jsonTimes(c.ours()),
                        jsonTimes(c.peer()),
                        jsonNumber(c.ratio(0)),
                        jsonNumber(c.ratio(P50)),
                        jsonNumber(c.gflops()),
                        jsonNumber(Comparison.peakGflops(c.peak().min())),
                        c.agreement().holds(c.benchmark()),
                        jsonNumber(c.agreement().maxDifference())))
                .toList();
        return String.format(Locale.ROOT, "[%n%s%n]%n", String.join(String.format(Locale.ROOT, ",%n"), objects));
    }

    private static String jsonTimes(Samples samples) {
        return samples.isEmpty()
                ? "null"
                : String.format(
                        Locale.ROOT,
                        "{\"min\": %s, \"p50\": %s, \"p99\": %s}",
                        jsonNumber(samples.min()),
                        jsonNumber(samples.quantile(P50)),
                        jsonNumber(samples.quantile(P99)));
    }

    private static String jsonNumber(double x) {
        return Double.isFinite(x) ? String.format(Locale.ROOT, "%.6g", x) : "null";
    }

    private static String number(String format, double x) {
        return Double.isNaN(x) ? "-" : String.format(Locale.ROOT, format, x);
    }
}
