package dev.tenon.benchmarks;

import dev.tenon.benchmarks.cases.Agreement;
import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.ceiling.CopyCeiling;
import dev.tenon.benchmarks.ceiling.CopyPeakBenchmark;
import dev.tenon.benchmarks.ceiling.FmaCeiling;
import dev.tenon.benchmarks.ceiling.FmaPeakBenchmark;
import dev.tenon.benchmarks.ceiling.InstructionCeiling;
import dev.tenon.benchmarks.ceiling.InstructionPeakBenchmark;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.forks.ForkMemory;
import dev.tenon.benchmarks.forks.ForkRunner;
import dev.tenon.benchmarks.forks.ForkTiers;
import dev.tenon.benchmarks.networks.GeneratedNetworks;
import dev.tenon.benchmarks.results.Comparison;
import dev.tenon.benchmarks.results.ComparisonJson;
import dev.tenon.benchmarks.results.ComparisonSvg;
import dev.tenon.benchmarks.results.ComparisonText;
import dev.tenon.error.TenonException;
import dev.tenon.samples.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs a {@link Suite} and prints a table of the results.
 *
 * <p>For each case it first runs all engines once and checks that their outputs agree. Then it runs rounds of forks. A
 * round has one fork of each engine, and forks that measure the peaks of the machine: {@link FmaPeakBenchmark} on one
 * thread and on the threads of the case, {@link InstructionPeakBenchmark} if the kernel's instruction is known, and
 * {@link CopyPeakBenchmark} if the case knows its memory traffic. The engines take turns in starting a round. Each fork is a
 * JVM of its own, so that threads and compiled code of one
 * engine cannot disturb another.
 *
 * <p>An engine that cannot run on this machine is left out, and the output says so. If the command line names it, that
 * is an error.
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
    private final List<String> engines;

    private Compare(CompareOptions options, PrintStream out, PrintStream progress) {
        this.options = options;
        this.suite = options.suite();
        this.runner = new ForkRunner(options.jmh(), options.quick());
        this.progress = progress;
        this.combinations = options.combinations();
        this.cases = combinations.stream().map(suite.caseOf()).toList();
        this.engines = present(out);
    }

    /** The engines that are measured: those that can run here. */
    private List<String> present(PrintStream out) {
        List<String> present = new ArrayList<>();
        for (String engine : options.engines()) {
            String absence = Engines.absence(engine);
            if (absence == null) {
                present.add(engine);
                if (Engines.describe(engine) != null) {
                    out.println(engine + ": " + Engines.describe(engine));
                }
            } else if (options.asksForEngines()) {
                throw new IllegalStateException("engine " + engine + " cannot run here: " + absence);
            } else {
                out.println(engine + ": left out, because it cannot run here: " + absence);
            }
        }
        return present;
    }

    /**
     * Runs a suite, or lists all suites.
     *
     * @param arguments a suite and its options, see {@link CompareOptions}
     */
    public static void main(String[] arguments) {
        int status;
        try {
            status = run(System.out, System.err, arguments);
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            status = USAGE;
        } catch (IllegalStateException | TenonException | IOException | RunnerException e) {
            System.err.println(e.getMessage());
            status = FAILURE;
        }
        System.exit(status);
    }

    /**
     * Runs a suite, or lists all suites.
     *
     * @param out receives the tables
     * @param progress receives messages about the progress
     * @param arguments a suite and its options
     * @return the exit code: 0 if all outputs agree, otherwise 1
     * @throws UsageException if the options are wrong
     * @throws IOException if a file cannot be written
     * @throws RunnerException if a fork fails
     * @throws IllegalStateException if an engine that the command line names cannot run here
     */
    static int run(PrintStream out, PrintStream progress, String... arguments)
            throws UsageException, IOException, RunnerException {
        if (arguments.length == 0 || arguments[0].equals("--help") || arguments[0].equals("-h")) {
            out.print(CompareOptions.help());
            return 0;
        }
        if (Usage.isAskedFor(List.of(arguments))) {
            out.print(CompareOptions.usage(arguments[0]).map(Usage::help).orElseGet(CompareOptions::help));
            return 0;
        }
        Runs.Run run = Runs.find(arguments[0]);
        boolean good = run == null ? compared(out, progress, arguments) : run.run(out, progress, arguments);
        return good ? 0 : FAILURE;
    }

    /** Runs a suite, and tells whether all outputs agree. */
    private static boolean compared(PrintStream out, PrintStream progress, String... arguments)
            throws UsageException, IOException, RunnerException {
        boolean models = Stream.of(Suite.MODELS, Suite.OVERSUBSCRIPTION)
                .anyMatch(suite -> suite.name().equals(arguments[0]));
        CompareOptions options = models ? ModelArguments.parse(progress, arguments) : CompareOptions.parse(arguments);
        for (Map<String, String> parameters : options.combinations()) {
            GeneratedNetworks.writeIfMissing(Path.of(parameters.getOrDefault(ModelArguments.FILE, "")), progress);
        }
        out.println(options.suite().name() + ": " + options.suite().description());
        Compare compare;
        try {
            compare = new Compare(options, out, progress);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        List<Comparison> comparisons = compare.run();
        out.println();
        comparisons.stream()
                .map(c -> c.tiers().description())
                .filter(d -> !d.isEmpty())
                .distinct()
                .forEach(d -> out.println("In the measured forks of " + Engines.TENON + ":\n" + d + "\n"));
        out.print(ComparisonText.table(comparisons));
        out.print(options.suite().summary().apply(comparisons));
        if (options.svg() != null) {
            Files.writeString(options.svg(), ComparisonSvg.draw(comparisons));
        }
        if (options.json() != null) {
            Files.writeString(options.json(), ComparisonJson.list(comparisons));
        }
        return comparisons.stream().allMatch(Comparison::agrees);
    }

    private List<Comparison> run() throws IOException, RunnerException {
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            comparisons.add(compare(i));
        }
        runner.writeResults();
        return comparisons;
    }

    private Comparison compare(int index) throws IOException, RunnerException {
        BenchmarkCase benchmark = cases.get(index);
        progress.println(String.format(
                Locale.ROOT,
                "case %d/%d: %s, %s",
                index + 1,
                cases.size(),
                (benchmark.model() + " " + benchmark.sizes()).strip(),
                ComparisonText.threads(benchmark.threads())));
        List<String> measured =
                engines.stream().filter(benchmark.engines()::contains).toList();
        Map<String, Agreement> agreements = Agreement.of(
                benchmark,
                benchmark.engines().stream()
                        .filter(e -> e.equals(Engines.ONNXRUNTIME) || !e.equals(Engines.TENON) && measured.contains(e))
                        .toList());
        // More threads than processors have no higher peak.
        FmaCeiling ceiling =
                FmaCeiling.of(Math.min(benchmark.threads(), Runtime.getRuntime().availableProcessors()));
        InstructionCeiling own = InstructionCeiling.of(kernel(benchmark, measured));
        CopyCeiling copies = CopyCeiling.of(benchmark.bytes());
        Map<String, Samples> times = new LinkedHashMap<>();
        Map<String, List<ForkMemory>> memory = new LinkedHashMap<>();
        measured.forEach(engine -> {
            times.put(engine, new Samples());
            memory.put(engine, new ArrayList<>());
        });
        ForkTiers tiers = ForkTiers.NONE;
        for (int round = 0; round < options.forks(); round++) {
            String fork = String.format(Locale.ROOT, "  fork %d/%d", round + 1, options.forks());
            peak(fork, 1, ceiling.core());
            if (ceiling.threads() > 1) {
                peak(fork, ceiling.threads(), ceiling.cores());
            }
            if (own.known()) {
                instruction(fork, own);
            }
            if (copies.known()) {
                copies(fork, copies);
            }
            for (String engine : round % 2 == 0 ? measured : measured.reversed()) {
                Map<String, String> all = new LinkedHashMap<>(combinations.get(index));
                all.put(Engines.PARAMETER, engine);
                ForkRunner.Fork run = runner.run(suite.benchmark(), suite.method(), all);
                times.get(engine).add(run.samples());
                memory.get(engine).add(run.memory());
                tiers = run.tiers().equals(ForkTiers.NONE) ? tiers : run.tiers();
                progress.println(String.format(
                        Locale.ROOT,
                        "%s %-12s min %.4f ms, p50 %.4f ms",
                        fork,
                        engine,
                        run.samples().min(),
                        run.samples().quantile(0.5)));
            }
        }
        return new Comparison(
                benchmark, combinations.get(index), times, agreements, ceiling, own, copies, tiers, memory);
    }

    /** The kernel whose instruction is measured: that of this JVM. Forks with other tiers may run another one. */
    private String kernel(BenchmarkCase benchmark, List<String> measured) {
        boolean others = options.jmh().getJvmArgsAppend().hasValue()
                || options.jmh().getJvmArgs().hasValue();
        return others || benchmark.threads() > 1 || !measured.contains(Engines.TENON) ? null : benchmark.kernel();
    }

    private void instruction(String fork, InstructionCeiling into) throws IOException, RunnerException {
        Map<String, String> parameters =
                Map.of(InstructionPeakBenchmark.INSTRUCTION, into.instruction().name());
        Samples samples =
                runner.run(InstructionPeakBenchmark.class, "repeat", parameters).samples();
        into.core().add(samples);
        progress.println(
                String.format(Locale.ROOT, "%s %-12s %.1f GOP/s", fork, into.title(), into.gigaops(samples.min())));
    }

    private void peak(String fork, int threads, Samples into) throws IOException, RunnerException {
        Map<String, String> parameters = Map.of(FmaPeakBenchmark.THREADS, Integer.toString(threads));
        Samples samples = runner.run(FmaPeakBenchmark.class, "fma", parameters).samples();
        into.add(samples);
        progress.println(String.format(
                Locale.ROOT,
                "%s %-12s %.1f GFLOP/s on %s",
                fork,
                "FMA peak",
                FmaCeiling.gflops(threads, samples.min()),
                ComparisonText.threads(threads)));
    }

    private void copies(String fork, CopyCeiling into) throws IOException, RunnerException {
        Map<String, String> parameters = Map.of(CopyPeakBenchmark.BYTES, Long.toString(into.bytes()));
        Samples samples =
                runner.run(CopyPeakBenchmark.class, "copy", parameters).samples();
        into.core().add(samples);
        progress.println(
                String.format(Locale.ROOT, "%s %-12s %.1f GB/s", fork, "copy peak", into.gigabytes(samples.min())));
    }
}
