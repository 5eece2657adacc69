package dev.tenon.benchmarks.load;

import dev.tenon.formats.json.JsonText;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Results of loads as a table, as JSON and as a picture. */
final class LoadPages {
    private static final int HEAD = 60;
    private static final int ROW = 74;
    private static final int BAR = 16;
    private static final int LEFT = 170;
    private static final int WIDTH = 480;

    private LoadPages() {}

    static void table(PrintStream out, List<LoadResult> results, double price) {
        out.printf(
                Locale.ROOT,
                "%-16s %10s %9s %9s %9s %10s %6s %7s %12s%n",
                "",
                "rate/s",
                "p50 ms",
                "p99 ms",
                "p99.9 ms",
                "goodput/s",
                "failed",
                "rows",
                "$/million");
        for (LoadResult r : results) {
            out.printf(
                    Locale.ROOT,
                    "%-16s %10.0f %9.3f %9.3f %9.3f %10.0f %6d %7.2f %12s%n",
                    r.name(),
                    r.rate(),
                    r.p50(),
                    r.p99(),
                    r.p999(),
                    r.goodput(),
                    r.failed(),
                    r.callsARun(),
                    Double.isNaN(price) ? "-" : String.format(Locale.ROOT, "%.4f", r.dollarsAMillion(price)));
        }
    }

    static String json(String model, List<LoadResult> results, double price) {
        return results.stream()
                .map(r -> String.format(
                        Locale.ROOT,
                        "  {\"model\": %s, \"engine\": %s, \"rate\": %.1f, \"sent\": %d, \"failed\": %d,"
                                + " \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"p999_ms\": %.4f, \"goodput\": %.1f,"
                                + " \"calls_a_run\": %.2f, \"usd_a_million\": %s}",
                        JsonText.of(model),
                        JsonText.of(r.name()),
                        r.rate(),
                        r.sent(),
                        r.failed(),
                        r.p50(),
                        r.p99(),
                        r.p999(),
                        r.goodput(),
                        r.callsARun(),
                        Double.isNaN(price) ? "null" : String.format(Locale.ROOT, "%.6f", r.dollarsAMillion(price))))
                .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    static String svg(String model, List<LoadResult> results) {
        double longest = results.stream().mapToDouble(LoadResult::p999).max().orElse(1);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
            aria-label="Latency under load of %3$s">
            <style>
            text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1b2330; } .soft { fill: #64708a; font-size: 12px; }
            .title { font-size: 15px; font-weight: 600; } .page { fill: #ffffff; stroke: #d9dee7; } .bar { fill: #3b76c4; }
            @media (prefers-color-scheme: dark) { text { fill: #e5eaf2; } .soft { fill: #93a0b8; }
            .page { fill: #161b22; stroke: #303948; } }
            </style>
            <rect class="page" x="0.5" y="0.5" width="%4$d" height="%5$d" rx="8"/>
            <text class="title" x="16" y="26">Latency of %3$s under load (milliseconds, shorter is better)</text>
            <text class="soft" x="16" y="46">from the time at which a call should have begun; arrivals at random</text>
            """,
                LEFT + WIDTH + 110,
                HEAD + ROW * results.size() + 10,
                xml(model),
                LEFT + WIDTH + 109,
                HEAD + ROW * results.size() + 9));
        int y = HEAD;
        for (LoadResult r : results) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"16\" y=\"%d\">%s</text>%n<text class=\"soft\" x=\"16\" y=\"%d\">%.0f calls/s</text>%n",
                    y + 24,
                    xml(r.name()),
                    y + 42,
                    r.rate()));
            double[] values = {r.p50(), r.p99(), r.p999()};
            String[] labels = {"p50", "p99", "p99.9"};
            for (int i = 0; i < values.length; i++) {
                int top = y + 8 + i * (BAR + 4);
                double width = Math.max(1, WIDTH * values[i] / longest);
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>%n"
                                + "<text class=\"soft\" x=\"%.1f\" y=\"%d\">%s %.3f</text>%n",
                        LEFT,
                        top,
                        width,
                        BAR,
                        LEFT + width + 6,
                        top + 12,
                        labels[i],
                        values[i]));
            }
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    private static String xml(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
