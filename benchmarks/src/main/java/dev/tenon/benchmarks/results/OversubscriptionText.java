package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.engine.Engines;
import java.util.List;
import java.util.Locale;

/** The times of calls that claim more threads than there are processors, relative to those that claim as many. */
public final class OversubscriptionText {
    private static final double[] SHARES = {0, 0.5, 0.99};

    private OversubscriptionText() {}

    /**
     * Writes a table with a line for each case.
     *
     * @param comparisons the comparisons of a run
     * @param processors the processors of the machine
     * @return lines of text; empty if no case claims as many threads as there are processors
     */
    public static String lines(List<Comparison> comparisons, int processors) {
        List<Comparison> usual = comparisons.stream()
                .filter(c -> c.benchmark().threads() == processors)
                .toList();
        StringBuilder text = new StringBuilder();
        for (Comparison base : usual) {
            comparisons.stream()
                    .filter(c -> c.without("threads").equals(base.without("threads")))
                    .forEach(c -> text.append(String.format(
                            Locale.ROOT,
                            "%-40s %7d | %s | %s%n",
                            (c.benchmark().model() + " " + c.benchmark().sizes()).strip(),
                            c.benchmark().threads(),
                            times(c, base, Engines.TENON),
                            times(c, base, Engines.ONNXRUNTIME))));
        }
        if (text.isEmpty()) {
            return "";
        }
        return String.format(
                        Locale.ROOT,
                        "%nTimes of a call, where the same engine takes 1 with %s, as many as there are processors:%n"
                                + "%-40s %7s | %-20s | %-20s%n%-40s %7s | %s | %s%n",
                        ComparisonText.threads(processors),
                        "",
                        "",
                        Engines.TENON,
                        Engines.ONNXRUNTIME,
                        "case",
                        "threads",
                        cells("min", "p50", "p99"),
                        cells("min", "p50", "p99"))
                + text;
    }

    private static String times(Comparison c, Comparison base, String engine) {
        String[] cells = new String[SHARES.length];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = ComparisonText.number(
                    "%.2f",
                    c.times(engine).quantile(SHARES[i]) / base.times(engine).quantile(SHARES[i]));
        }
        return cells(cells);
    }

    private static String cells(String... cells) {
        return String.format(Locale.ROOT, "%6s %6s %6s", (Object[]) cells);
    }
}
