package dev.tenon.benchmarks;

import dev.tenon.Tenon;
import dev.tenon.kernel.Tiers;
import dev.tenon.tensor.TenonException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs a {@link Suite}: for every case first both engines once, to see that they agree, then rounds of forks, each
 * round a fork of {@link FmaPeakBenchmark} and one of each engine, who starts taking turns. Every fork is a JVM of its
 * own, so that no engine's threads or compiled code are there while another runs. Prints a table of all forks together.
 */
public final class Compare {
    private static final int FAILURE = 1;
    private static final int USAGE = 2;

    private final CompareOptions options;
    private final Suite suite;
    private final ForkRunner runner;
    private final PrintStream progress;
    private final List<Map<String, String>> combinations;
    private final List<BenchmarkCase> cases;

    private Compare(CompareOptions options, PrintStream progress) {
        this.options = options;
        this.suite = options.suite();
        this.runner = new ForkRunner(options.jmh(), options.quick());
        this.progress = progress;
        this.combinations = options.combinations();
        this.cases = combinations.stream().map(suite.caseOf()).toList();
    }

    /**
     * Runs a suite, or lists them.
     *
     * @param arguments a suite and its options, see {@link CompareOptions}
     */
    public static void main(String[] arguments) {
        int status;
        try {
            status = run(arguments);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            status = USAGE;
        } catch (IllegalStateException | TenonException | IOException | RunnerException e) {
            System.err.println(e.getMessage());
            status = FAILURE;
        }
        System.exit(status);
    }

    private static int run(String[] arguments) throws UsageException, IOException, RunnerException {
        if (arguments.length == 0 || arguments[0].equals("--help") || arguments[0].equals("-h")) {
            System.out.print(CompareOptions.help());
            return 0;
        }
        if (arguments[0].equals(FreshRuns.START) || arguments[0].equals(FreshRuns.COLD)) {
            FreshRuns.run(System.out, MiniLmCase.file(MiniLmCase.FLOAT), arguments);
            return 0;
        }
        if (arguments[0].equals(CallersRun.NAME)) {
            CallersRun.run(System.out, MiniLmCase.file(MiniLmCase.FLOAT), arguments);
            return 0;
        }
        CompareOptions options = arguments[0].equals(Suite.MODELS.name())
                ? ModelArguments.parse(System.err, arguments)
                : CompareOptions.parse(arguments);
        Compare compare;
        try {
            compare = new Compare(options, System.err);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        System.out.println(options.suite().name() + ": " + options.suite().description());
        System.out.println(Tenon.describe());
        List<Comparison> comparisons = compare.run();
        System.out.println();
        System.out.print(ComparisonText.table(comparisons));
        if (options.svg() != null) {
            Files.writeString(options.svg(), ComparisonSvg.draw(comparisons));
        }
        if (options.json() != null) {
            List<String> tiers = Tiers.detect().tiers().stream()
                    .filter(Tiers.Status::active)
                    .map(Tiers.Status::name)
                    .toList();
            Files.writeString(options.json(), ComparisonText.json(comparisons, tiers));
        }
        return comparisons.stream().allMatch(c -> c.agreement().holds(c.benchmark())) ? 0 : FAILURE;
    }

    private List<Comparison> run() throws IOException, RunnerException {
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            comparisons.add(compare(
                    cases.get(i), combinations.get(i), String.format(Locale.ROOT, "%d/%d", i + 1, cases.size())));
        }
        runner.writeResults();
        return comparisons;
    }

    private Comparison compare(BenchmarkCase benchmark, Map<String, String> parameters, String position)
            throws IOException, RunnerException {
        progress.println(String.format(
                Locale.ROOT,
                "case %s: %s %s, threads %d",
                position,
                benchmark.model(),
                benchmark.sizes(),
                benchmark.threads()));
        Agreement agreement = Agreement.of(benchmark);
        Map<String, Samples> times = new HashMap<>();
        Engines.ALL.forEach(engine -> times.put(engine, new Samples()));
        Samples peak = new Samples();
        List<String> engines = options.engines();
        for (int round = 0; round < options.forks(); round++) {
            String fork = String.format(Locale.ROOT, "  fork %d/%d", round + 1, options.forks());
            Samples ceiling = runner.run(FmaPeakBenchmark.class, "fma", Map.of());
            peak.add(ceiling);
            progress.println(String.format(
                    Locale.ROOT, "%s %-12s %.1f GFLOP/s", fork, "FMA peak", Comparison.peakGflops(ceiling.min())));
            for (String engine : round % 2 == 0 ? engines : engines.reversed()) {
                Map<String, String> all = new LinkedHashMap<>(parameters);
                all.put(Engines.PARAMETER, engine);
                Samples samples = runner.run(suite.benchmark(), suite.method(), all);
                times.get(engine).add(samples);
                progress.println(String.format(
                        Locale.ROOT,
                        "%s %-12s min %.4f ms, p50 %.4f ms",
                        fork,
                        engine,
                        samples.min(),
                        samples.quantile(0.5)));
            }
        }
        return new Comparison(benchmark, times.get(Engines.TENON), times.get(Engines.ONNXRUNTIME), peak, agreement);
    }
}
