package dev.tenon.benchmarks.forks;

import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.benchmarks.engine.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs single forks of benchmarks through JMH. */
public final class ForkRunner {
    private static final int QUICK_ITERATIONS = 2;
    private static final TimeValue QUICK_TIME = TimeValue.milliseconds(500);

    /**
     * The result of a fork.
     *
     * @param samples the times of its calls
     * @param tiers the active tiers of Tenon; {@link ForkTiers#NONE} if it ran another engine
     * @param memory its memory after the last iteration
     */
    public record Fork(Samples samples, ForkTiers tiers, ForkMemory memory) {}

    private final CommandLineOptions options;
    private final boolean quick;
    private final List<RunResult> results = new ArrayList<>();

    /**
     * Makes a runner.
     *
     * @param options the options of all forks
     * @param quick whether iterations are few and short, unless the options set them
     */
    public ForkRunner(CommandLineOptions options, boolean quick) {
        this.options = options;
        this.quick = quick;
    }

    /**
     * Runs one fork in a JVM of its own.
     *
     * @param benchmark the class with JMH's annotations
     * @param method its method
     * @param parameters a value for each parameter
     * @return the times of its calls, its memory, and the tiers if the engine is Tenon
     * @throws RunnerException if the fork fails; the message has its output
     * @throws IOException if its log cannot be written
     */
    public Fork run(Class<?> benchmark, String method, Map<String, String> parameters)
            throws RunnerException, IOException {
        Path log = Files.createTempFile("fork", ".log");
        try {
            ChainedOptionsBuilder builder = new OptionsBuilder()
                    .parent(options)
                    .include("^" + Pattern.quote(benchmark.getName() + "." + method) + "$")
                    .mode(Mode.SampleTime)
                    .forks(1)
                    .warmupForks(0)
                    .shouldFailOnError(true)
                    .output(log.toString());
            parameters.forEach(builder::param);
            builder.addProfiler(MemoryProfiler.class);
            boolean ours = Engines.TENON.equals(parameters.get(Engines.PARAMETER));
            if (ours) {
                builder.addProfiler(TiersProfiler.class);
            } else if (Terms.of(parameters).hugePages()) {
                builder.addProfiler(HugePages.class);
            }
            if (quick) {
                shorten(builder);
            }
            Collection<RunResult> result;
            try {
                result = new Runner(builder.build()).run();
            } catch (RunnerException e) {
                throw new RunnerException(Files.readString(log), e);
            }
            Samples samples = new Samples();
            result.forEach(r -> samples.add(r.getPrimaryResult().getStatistics()));
            results.addAll(result);
            if (samples.isEmpty()) {
                throw new RunnerException(
                        "no result of " + benchmark + " " + parameters + "\n" + Files.readString(log));
            }
            RunResult first = result.iterator().next();
            return new Fork(samples, ours ? TiersProfiler.of(first) : ForkTiers.NONE, MemoryProfiler.of(first));
        } finally {
            Files.deleteIfExists(log);
        }
    }

    private void shorten(ChainedOptionsBuilder builder) {
        builder.warmupIterations(options.getWarmupIterations().orElse(QUICK_ITERATIONS))
                .warmupTime(options.getWarmupTime().orElse(QUICK_TIME))
                .measurementIterations(options.getMeasurementIterations().orElse(QUICK_ITERATIONS))
                .measurementTime(options.getMeasurementTime().orElse(QUICK_TIME));
    }

    /**
     * Writes the file of the JMH options {@code -rf} and {@code -rff} with all forks. JMH itself would keep only the
     * last one.
     */
    public void writeResults() {
        if (options.getResult().hasValue() || options.getResultFormat().hasValue()) {
            ResultFormatType type = options.getResultFormat().orElse(ResultFormatType.CSV);
            String file =
                    options.getResult().orElse("jmh-result." + type.toString().toLowerCase(Locale.ROOT));
            ResultFormatFactory.getInstance(type, file).writeOut(results);
        }
    }
}
