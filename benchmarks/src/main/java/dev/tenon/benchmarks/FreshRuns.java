package dev.tenon.benchmarks;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.fresh.ColdProgram;
import dev.tenon.benchmarks.fresh.FreshJvm;
import dev.tenon.benchmarks.fresh.FreshJvm.Flags;
import dev.tenon.benchmarks.fresh.PackageProgram;
import dev.tenon.benchmarks.fresh.PlanProgram;
import dev.tenon.benchmarks.fresh.TreesProgram;
import dev.tenon.benchmarks.trees.TrainedForest;
import dev.tenon.samples.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measurements in new JVMs, on all-MiniLM-L6-v2 in float32. Suite {@code start} measures the time until a model is
 * ready to run. Suite {@code cold} measures the time until the first result and until calls are fast, for both engines;
 * with {@code --trees} the time until the first row is scored by a forest, beside the tool that trained it.
 * A figure is the median of all forks; the minimum is printed beside it. The programs that are compared take turns.
 */
final class FreshRuns {
    static final String START = "start";
    static final String COLD = "cold";

    private static final String NO_FLAGS = "--no-flags";
    private static final String TREES = "--trees";

    private static final int FORKS = 5;
    private static final int TOKENS = 128;
    private static final int FEW_TOKENS = 16;
    private static final double MICROS_PER_MILLI = 1000;
    private static final List<String> FORESTS = List.of("xgb-1000x8", "xgb-100x6", "lgb-100x31");

    /** A program with its arguments, and its runs so far. */
    private record Row(String name, Flags flags, List<String> arguments, List<Map<String, Long>> runs) {
        private Row(String name, Flags flags, String... arguments) {
            this(name, flags, List.of(arguments), new ArrayList<>());
        }

        /** The minimum and the median of a figure. */
        private double[] figure(ToDoubleFunction<Map<String, Long>> of) {
            double[] all = runs.stream().mapToDouble(of).sorted().toArray();
            return new double[] {all[0], all[all.length / 2]};
        }
    }

    private final FreshJvm jvm;
    private final PrintStream out;
    private final int forks;
    private final Path folder;
    private final String model;

    private FreshRuns(Path folder, PrintStream out, Path model, int forks) throws IOException {
        this.folder = folder;
        this.jvm = new FreshJvm(folder);
        this.out = out;
        this.model = model.toString();
        this.forks = forks;
    }

    /**
     * The usage of a suite.
     *
     * @param name one of its names
     * @return the usage
     */
    static Usage usage(String name) {
        Usage usage = Usage.of(
                        "benchmarks/run " + name,
                        name.equals(START)
                                ? "Fresh JVMs: a model loaded and planned, a package mapped and planned."
                                : "Fresh JVMs: the first result and the tenth call, both engines.")
                .spaced()
                .option("-f", "FORKS", "how many JVMs each row has");
        if (!name.equals(START)) {
            usage.flag("Tenon in JVMs that are started with no flag at all, too", NO_FLAGS)
                    .flag("a forest loaded and one row scored, Tenon and the tool that trained it", TREES);
        }
        return usage.example("benchmarks/run " + name + " -f 5");
    }

    /**
     * Runs a suite.
     *
     * @param out receives the table
     * @param model the file of the model
     * @param arguments the suite, then its options
     * @throws UsageException if the options are wrong
     * @throws IOException if a run fails
     */
    static void run(PrintStream out, Path model, String... arguments) throws UsageException, IOException {
        int forks = FORKS;
        boolean start = arguments[0].equals(START);
        boolean bare = false;
        boolean trees = false;
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals(NO_FLAGS) && !start) {
                bare = true;
            } else if (arguments[i].equals(TREES) && !start) {
                trees = true;
            } else if (arguments[i].equals("-f")) {
                forks = forks(CompareOptions.next(arguments, i++));
            } else {
                throw new UsageException("unexpected: " + arguments[i] + "; suite " + arguments[0] + " takes -f FORKS"
                        + (start ? "" : " and " + NO_FLAGS + " or " + TREES));
            }
        }
        if (bare && trees) {
            throw new UsageException(NO_FLAGS + " and " + TREES + " exclude each other");
        }
        Path folder = Files.createTempDirectory("fresh");
        try {
            FreshRuns runs = new FreshRuns(folder, out, model, forks);
            if (start) {
                runs.start();
            } else if (trees) {
                runs.trees();
            } else {
                runs.cold(bare);
            }
        } finally {
            delete(folder);
        }
    }

    private static int forks(String text) throws UsageException {
        try {
            int forks = Integer.parseInt(text);
            if (forks > 0) {
                return forks;
            }
        } catch (NumberFormatException e) {
            throw new UsageException("-f " + text + " is not a number of forks");
        }
        throw new UsageException("-f " + text + " is not at least 1");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private void start() throws IOException {
        Path packed = folder.resolve("model.tenon");
        jvm.run(PackageProgram.class, Flags.ALL, model, packed.toString(), Integer.toString(FEW_TOKENS));
        String tokens = Integer.toString(TOKENS);
        String few = Integer.toString(FEW_TOKENS);
        jvm.makeCache(ColdProgram.class, Engines.TENON, packed.toString(), few, "1");
        Row load = new Row("ONNX: load, optimise, plan", Flags.ALL, Engines.TENON, model, tokens, "0");
        Row mapped = new Row("package: map, plan", Flags.ALL, Engines.TENON, packed.toString(), few, "1");
        Row cached = new Row("package, AOT cache", Flags.CACHED, Engines.TENON, packed.toString(), few, "1");
        fork(ColdProgram.class, List.of(load, mapped, cached));
        out.printf(Locale.ROOT, "%-28s | %-19s | %-19s%n", "milliseconds since main", "ready", "first 1x16 result");
        line(load, ColdProgram.PLANNED, null);
        line(mapped, ColdProgram.SESSION, ColdProgram.FIRST);
        line(cached, ColdProgram.SESSION, ColdProgram.FIRST);
        Row plans = new Row("plan of a new length, warm", Flags.ALL, model);
        fork(PlanProgram.class, List.of(plans));
        double[] micros = plans.figure(r -> r.get(PlanProgram.PLAN));
        out.printf(
                Locale.ROOT,
                "%n%s: median of forks %.0f microseconds, least %.0f%n",
                plans.name(),
                micros[1],
                micros[0]);
    }

    private void line(Row row, String ready, String first) {
        double[] a = row.figure(r -> since(r, ColdProgram.MAIN, ready));
        String later = first == null ? "" : text(row.figure(r -> since(r, ColdProgram.MAIN, first)));
        out.printf(Locale.ROOT, "%-28s | %-19s | %-19s%n", row.name(), text(a), later);
    }

    private void cold(boolean bare) throws IOException {
        String tokens = Integer.toString(TOKENS);
        jvm.makeCache(ColdProgram.class, Engines.TENON, model, tokens, "2");
        Row ours = new Row(Engines.TENON, Flags.ALL, Engines.TENON, model, tokens, "2");
        Row cached = new Row(Engines.TENON + ", AOT cache", Flags.CACHED, Engines.TENON, model, tokens, "2");
        Row noFlags = new Row(Engines.TENON + ", no flags", Flags.NONE, Engines.TENON, model, tokens, "2");
        Row peer = new Row(Engines.ONNXRUNTIME, Flags.ALL, Engines.ONNXRUNTIME, model, tokens, "2");
        List<Row> rows = bare ? List.of(ours, cached, noFlags, peer) : List.of(ours, cached, peer);
        fork(ColdProgram.class, rows);
        out.printf(
                Locale.ROOT,
                "%-20s | %-19s | %-19s | %-19s | %-19s | %-19s | %s%n",
                "milliseconds, 1x128",
                "start to main",
                "start to session",
                "start to result",
                "10th call",
                "steady",
                "10th : steady");
        for (Row row : rows) {
            double[] ratio = row.figure(r -> (double) r.get(ColdProgram.TENTH) / r.get(ColdProgram.STEADY));
            out.printf(
                    Locale.ROOT,
                    "%-20s | %-19s | %-19s | %-19s | %-19s | %-19s | %.2f (%.2f)%n",
                    row.name(),
                    text(row.figure(r -> since(r, FreshJvm.LAUNCH, ColdProgram.MAIN))),
                    text(row.figure(r -> since(r, FreshJvm.LAUNCH, ColdProgram.SESSION))),
                    text(row.figure(r -> since(r, FreshJvm.LAUNCH, ColdProgram.FIRST))),
                    text(row.figure(r -> r.get(ColdProgram.TENTH) / MICROS_PER_MILLI)),
                    text(row.figure(r -> r.get(ColdProgram.STEADY) / MICROS_PER_MILLI)),
                    ratio[1],
                    ratio[0]);
        }
        out.println();
        ToDoubleFunction<Map<String, Long>> first = r -> since(r, FreshJvm.LAUNCH, ColdProgram.FIRST);
        ratio("start to result, " + Engines.TENON + " to " + Engines.ONNXRUNTIME, first, ours, peer);
        if (bare) {
            ToDoubleFunction<Map<String, Long>> steady = r -> r.get(ColdProgram.STEADY);
            ratio("steady calls, no flags to all flags", steady, noFlags, ours);
        }
    }

    private void trees() throws IOException {
        out.printf(
                Locale.ROOT,
                "%-24s | %-19s | %-19s | %-19s | %s%n",
                "milliseconds, one row",
                "start to main",
                "main to result",
                "start to result",
                "processor time");
        for (String name : FORESTS) {
            TrainedForest forest = TrainedForest.of(name);
            String file = forest.file().toString();
            String tool = forest.isLightgbm() ? Engines.LIGHTGBM : Engines.XGBOOST;
            Row ours = new Row(name + " " + Engines.TENON, Flags.ALL, Engines.TENON, file);
            Row peer = new Row(name + " " + tool, Flags.ALL, tool, file);
            fork(TreesProgram.class, List.of(ours, peer));
            for (Row row : List.of(ours, peer)) {
                out.printf(
                        Locale.ROOT,
                        "%-24s | %-19s | %-19s | %-19s | %s%n",
                        row.name(),
                        text(row.figure(r -> since(r, FreshJvm.LAUNCH, TreesProgram.MAIN))),
                        text(row.figure(r -> since(r, TreesProgram.MAIN, TreesProgram.FIRST))),
                        text(row.figure(r -> since(r, FreshJvm.LAUNCH, TreesProgram.FIRST))),
                        text(row.figure(r -> r.get(TreesProgram.PROCESSOR) / MICROS_PER_MILLI)));
            }
            String engines = ", " + Engines.TENON + " to " + tool;
            ratio("  start to result" + engines, r -> since(r, FreshJvm.LAUNCH, TreesProgram.FIRST), ours, peer);
            ratio("  processor time" + engines, r -> r.get(TreesProgram.PROCESSOR), ours, peer);
        }
    }

    private void ratio(String name, ToDoubleFunction<Map<String, Long>> of, Row row, Row other) {
        double[] a = row.figure(of);
        double[] b = other.figure(of);
        out.printf(Locale.ROOT, "%s: %.2f (%.2f)%n", name, a[1] / b[1], a[0] / b[0]);
    }

    private void fork(Class<?> program, List<Row> rows) throws IOException {
        for (int i = 0; i < forks; i++) {
            for (Row row : rows) {
                row.runs().add(jvm.run(program, row.flags(), row.arguments().toArray(String[]::new)));
            }
        }
    }

    private static double since(Map<String, Long> run, String from, String to) {
        return (run.get(to) - run.get(from)) / MICROS_PER_MILLI;
    }

    /** The median, then the minimum in parentheses. */
    private static String text(double[] figure) {
        return String.format(Locale.ROOT, "%8.1f (%.1f)", figure[1], figure[0]);
    }
}
