package dev.tenon.benchmarks.forks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.TextResult;

/** Reports the memory of a fork after each iteration, as Linux counts it. */
public final class MemoryProfiler implements InternalProfiler {
    private static final String LABEL = "memory";
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MAPPINGS = Path.of("/proc/self/smaps_rollup");

    /** Units of 1024 bytes in 10<sup>6</sup> bytes. */
    private static final double KILOBYTES = 1e6 / 1024;

    /** Makes a profiler. JMH calls it in each fork. */
    public MemoryProfiler() {}

    @Override
    public String getDescription() {
        return "the resident memory";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {}

    @Override
    public Collection<TextResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        String status = read(STATUS);
        double[] figures = {
            megabytes(status, "VmRSS"), megabytes(status, "VmHWM"), megabytes(read(MAPPINGS), "AnonHugePages")
        };
        // JMH joins the texts of all iterations.
        return List.of(new TextResult(figures[0] + " " + figures[1] + " " + figures[2] + "\n", LABEL));
    }

    /** {@return the resident memory of this process, in units of 10<sup>6</sup> bytes; NaN where Linux does not tell it} */
    public static double resident() {
        return megabytes(read(STATUS), "VmRSS");
    }

    /** The contents of a file; empty if it can't be read. */
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * A figure of a file of Linux.
     *
     * @param text its contents, such as {@code VmRSS:   1024 kB}
     * @param name the name of the figure
     * @return units of 10<sup>6</sup> bytes; NaN if there is no such figure
     */
    static double megabytes(String text, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + ":\\s+(\\d+) kB$").matcher(text);
        return line.find() ? Long.parseLong(line.group(1)) / KILOBYTES : Double.NaN;
    }

    /**
     * Reads the report of a fork.
     *
     * @param result the result of the fork
     * @return the memory after its last iteration
     * @throws IllegalStateException if there is no report
     */
    static ForkMemory of(RunResult result) {
        if (!(result.getSecondaryResults().get(LABEL) instanceof TextResult text)) {
            throw new IllegalStateException("a fork did not report its memory, but "
                    + result.getSecondaryResults().keySet());
        }
        return of(text.extendedInfo());
    }

    /** The memory that the last line of a report names. */
    static ForkMemory of(String report) {
        String[] figures = report.strip().lines().toList().getLast().split(" ");
        return new ForkMemory(
                Double.parseDouble(figures[0]), Double.parseDouble(figures[1]), Double.parseDouble(figures[2]));
    }
}
