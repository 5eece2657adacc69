package dev.tenon.benchmarks.results;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.ceiling.FmaCeiling;
import dev.tenon.benchmarks.ceiling.InstructionCeiling;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.forks.HugePages;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Comparisons as text tables. */
public final class ComparisonText {
    private static final int LEAST_WIDTH = 15;
    private static final String TIMES = "%9s %9s %9s";
    private static final String RATIOS = "%6s %6s";
    private static final double P99 = 0.99;
    private static final double P50 = 0.5;

    private final List<Comparison> all;
    private final List<String> peers;
    private final boolean moved;
    private final boolean assembled;
    private final boolean resident;
    private final String caseFormat;
    private final StringBuilder text = new StringBuilder();

    private ComparisonText(List<Comparison> all) {
        this.all = all;
        this.peers = Engines.ALL.stream()
                .filter(e -> !e.equals(Engines.TENON))
                .filter(e -> all.stream().anyMatch(c -> c.agreements().containsKey(e)))
                .toList();
        this.moved = all.stream().anyMatch(c -> c.copies().known());
        this.assembled = all.stream().anyMatch(c -> c.own().known());
        this.resident = all.stream()
                .anyMatch(c -> !Double.isNaN(c.memory(Engines.TENON).resident())
                        || !Double.isNaN(c.memory(Engines.ONNXRUNTIME).resident()));
        this.caseFormat = "%-" + width(BenchmarkCase::model) + "s %-" + width(BenchmarkCase::sizes) + "s %7s";
    }

    private int width(Function<BenchmarkCase, String> column) {
        return all.stream().mapToInt(c -> column.apply(c.benchmark()).length()).reduce(LEAST_WIDTH, Math::max);
    }

    /**
     * Writes a table with a line for each case, by kind, and columns for each peer, the ratio to the fastest of several peers,
     * columns for the resident memory where the system tells it, columns for the memory traffic if a case knows it, and columns
     * for the instruction of its kernel. The mean of the ratios of each group and a table of speed-ups by several threads follow.
     *
     * @param comparisons the comparisons
     * @return the text
     */
    public static String table(List<Comparison> comparisons) {
        return new ComparisonText(comparisons).write();
    }

    private String write() {
        peaks();
        line(String.format(
                Locale.ROOT,
                "Times are milliseconds of one call; a ratio below 1 says that %s is faster.",
                Engines.TENON));
        pages();
        line("");
        head();
        all.stream().sorted(Comparator.comparing(c -> c.group().kind())).forEach(this::row);
        line("");
        Comparison.groups(all).forEach(this::mean);
        all.forEach(this::disagreements);
        speedUps();
        return text.toString();
    }

    private void mean(Comparison.Group group) {
        List<Comparison> counting = Comparison.counting(all, group);
        if (!counting.isEmpty()) {
            line(String.format(
                    Locale.ROOT,
                    "geometric mean of the ratios to %s, %s%s: %.3f (%d of %d cases)",
                    Engines.ONNXRUNTIME,
                    group.title().isEmpty() ? "" : group.title() + ", ",
                    threads(group.threads()),
                    Comparison.geometricMean(all, group),
                    counting.size(),
                    Comparison.in(all, group).size()));
        }
    }

    public static String threads(int count) {
        return count == 1 ? "1 thread" : count + " threads";
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append(System.lineSeparator());
    }

    private void peaks() {
        List<Integer> numbers =
                all.stream().map(c -> c.ceiling().threads()).distinct().sorted().toList();
        for (int threads : numbers) {
            Samples peak = new Samples();
            all.stream()
                    .filter(c -> c.ceiling().threads() == threads)
                    .forEach(c -> peak.add(c.ceiling().cores()));
            line(String.format(
                    Locale.ROOT,
                    "FMA peak of %s, measured between the forks: %.1f GFLOP/s at best, %.1f in the median.",
                    threads(threads),
                    FmaCeiling.gflops(threads, peak.min()),
                    FmaCeiling.gflops(threads, peak.quantile(P50))));
        }
        Map<String, InstructionCeiling> instructions = new LinkedHashMap<>();
        for (Comparison c : all) {
            if (c.own().known()) {
                instructions
                        .computeIfAbsent(
                                c.own().title(),
                                t -> new InstructionCeiling(c.own().instruction(), new Samples()))
                        .core()
                        .add(c.own().core());
            }
        }
        instructions.forEach((title, peak) -> line(String.format(
                Locale.ROOT,
                "Peak of %s on one core: %.1f GOP/s at best, %.1f in the median.",
                title,
                peak.gigaops(),
                peak.gigaops(peak.core().quantile(P50)))));
        DoubleSummaryStatistics copies = all.stream()
                .mapToDouble(c -> c.copies().gigabytes())
                .filter(x -> !Double.isNaN(x))
                .summaryStatistics();
        if (copies.getCount() > 0) {
            line(String.format(
                    Locale.ROOT,
                    "Copy peak: copies by one core that read and write as many bytes as a call; %.1f to %.1f GB/s.",
                    copies.getMin(),
                    copies.getMax()));
        }
    }

    /** The terms of memory: where the pages of the forks came from, and how much of their memory they held. */
    private void pages() {
        if (!resident) {
            return;
        }
        line("MB are the resident memory of a fork after its last call, in units of 10^6 bytes.");
        boolean asked = all.stream().anyMatch(c -> c.group().terms().hugePages());
        line(String.format(
                Locale.ROOT,
                "Large pages: %s moves large memory onto them, %s. They held %s.",
                Engines.TENON,
                asked
                        ? "and so does glibc in the forks of peers (" + HugePages.SETTING + ")"
                        : "peers have what the system gives (compare --huge-pages asks for them)",
                Stream.of(Engines.TENON, Engines.ONNXRUNTIME)
                        .map(e -> String.format(Locale.ROOT, "at most %.0f MB of a fork of %s", huge(e), e))
                        .collect(Collectors.joining(", "))));
    }

    private double huge(String engine) {
        return all.stream()
                .mapToDouble(c -> c.memory(engine).huge())
                .filter(x -> !Double.isNaN(x))
                .max()
                .orElse(0);
    }

    private void head() {
        String times = String.format(Locale.ROOT, TIMES, "min", "p50", "p99");
        String ratios = String.format(Locale.ROOT, RATIOS, "min", "p50");
        line(first("", "", "")
                + String.format(Locale.ROOT, " | %-29s", Engines.TENON)
                + peers(p -> String.format(Locale.ROOT, " | %-29s  %-13s", p, "ratio of"))
                + best("to")
                + memory("ours", "peer", "")
                + last("", "of FMA", "of its", "", "", "of copy", "", "max"));
        line(first("model", "shape", "threads")
                + " | "
                + times
                + peers(p -> " | " + times + "  " + ratios)
                + best("best")
                + memory("MB", "MB", "ratio")
                + last("GFLOP/s", "peak", "peak", "instruction", "GB/s", "peak", "cosine", "diff"));
    }

    /** The columns that identify the case. */
    private String first(String model, String shape, Object threads) {
        return String.format(Locale.ROOT, caseFormat, model, shape, threads);
    }

    private String first(Comparison c) {
        return first(c.benchmark().model(), c.benchmark().sizes(), c.benchmark().threads());
    }

    /** The columns after those of the engines. */
    private String last(
            String speed, String ofPeak, String ofOwn, String own, String bytes, String ofCopies, String... outputs) {
        return String.format(Locale.ROOT, " | %8s %7s", speed, ofPeak)
                + (assembled ? String.format(Locale.ROOT, " | %7s %-13s", ofOwn, own) : "")
                + (moved ? String.format(Locale.ROOT, " | %7s %7s", bytes, ofCopies) : "")
                + String.format(Locale.ROOT, " | %9s %9s", outputs[0], outputs[1]);
    }

    /** The column of the fastest peer, if there are several. */
    private String best(String ratio) {
        return peers.size() > 1 ? String.format(Locale.ROOT, " | %6s", ratio) : "";
    }

    /** The columns of the memory, if the system tells it. */
    private String memory(String ours, String peer, String ratio) {
        return resident ? String.format(Locale.ROOT, " | %8s %8s %5s", ours, peer, ratio) : "";
    }

    private String peers(UnaryOperator<String> column) {
        return peers.stream().map(column).collect(Collectors.joining());
    }

    private void row(Comparison c) {
        Agreement worst = c.agreements().values().stream()
                .reduce((a, b) -> a.cosine() <= b.cosine() || Double.isNaN(a.cosine()) ? a : b)
                .orElse(new Agreement(Double.NaN, Double.NaN));
        line(first(c)
                + " | "
                + times(c.ours())
                + peers(p -> " | " + times(c.times(p)) + "  " + ratios(c, p))
                + best(number("%.3f", c.ratioToBest()))
                + memory(
                        number("%.0f", c.memory(Engines.TENON).resident()),
                        number("%.0f", c.memory(Engines.ONNXRUNTIME).resident()),
                        number("%.2f", c.memoryRatio()))
                + last(
                        number("%.1f", c.gflops()),
                        number("%.1f %%", 100 * c.shareOfPeak()),
                        number("%.1f %%", 100 * c.shareOfInstruction()),
                        c.own().title(),
                        number("%.1f", c.gigabytes()),
                        number("%.1f %%", 100 * c.shareOfCopies()),
                        number("%.7f", worst.cosine()),
                        number("%.1e", worst.maxDifference())));
    }

    private static String times(Samples samples) {
        return String.format(
                Locale.ROOT,
                TIMES,
                number("%.4f", samples.min()),
                number("%.4f", samples.quantile(P50)),
                number("%.4f", samples.quantile(P99)));
    }

    private static String ratios(Comparison c, String peer) {
        return String.format(Locale.ROOT, RATIOS, number("%.3f", c.ratio(peer, 0)), number("%.3f", c.ratio(peer, P50)));
    }

    private void disagreements(Comparison c) {
        c.agreements().forEach((peer, agreement) -> {
            if (!agreement.holds(c.benchmark())) {
                line(String.format(
                        Locale.ROOT,
                        "%s %s: the outputs do not agree with those of %s, the cosine is below %s",
                        c.benchmark().model(),
                        c.benchmark().sizes(),
                        peer,
                        c.benchmark().leastCosine()));
            }
        });
    }

    private void speedUps() {
        List<Comparison> several =
                all.stream().filter(c -> c.benchmark().threads() > 1).toList();
        if (several.isEmpty() || several.size() == all.size()) {
            return;
        }
        line("");
        line("Speed-up over one thread, and its share of the speed-up of the FMA loop:");
        line(first("model", "shape", "threads")
                + String.format(Locale.ROOT, " | %8s | %-15s", "FMA loop", Engines.TENON)
                + peers(p -> String.format(Locale.ROOT, " | %-15s", p)));
        for (Comparison c : several) {
            line(first(c)
                    + String.format(
                            Locale.ROOT, " | %8s | ", number("%.2f", c.ceiling().speedUp()))
                    + speedUp(c, Engines.TENON)
                    + peers(p -> " | " + speedUp(c, p)));
        }
    }

    private String speedUp(Comparison c, String engine) {
        double speedUp = c.speedUp(engine, all);
        return String.format(
                Locale.ROOT,
                "%8s %6s",
                number("%.2f", speedUp),
                number("%.0f %%", 100 * speedUp / c.ceiling().speedUp()));
    }

    /** A formatted number; a dash for NaN. */
    static String number(String format, double x) {
        return Double.isNaN(x) ? "-" : String.format(Locale.ROOT, format, x);
    }
}
