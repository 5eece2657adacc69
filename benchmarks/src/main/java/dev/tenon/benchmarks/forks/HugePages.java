package dev.tenon.benchmarks.forks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;

/**
 * Starts a fork with an environment in which glibc asks for large pages for the memory of C code. JMH takes the words before
 * the JVM's own command from profilers only.
 */
public final class HugePages implements ExternalProfiler {
    /** The setting of glibc, since version 2.35. */
    public static final String SETTING = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";

    private static final Path MODE = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

    /** Makes a profiler. JMH calls it. */
    public HugePages() {}

    /**
     * The reason why glibc gets no large pages here.
     *
     * @return the reason; null if it gets them
     */
    public static String refusal() {
        String mode;
        try {
            mode = Files.readString(MODE);
        } catch (IOException e) {
            return "this system has none, since " + MODE + " can't be read; they need Linux";
        }
        return refusal(mode);
    }

    /** The reason that follows from the contents of {@link #MODE}. */
    static String refusal(String mode) {
        return mode.contains("[never]")
                ? MODE + " is '" + mode.strip() + "'; as root, write madvise or always into it"
                : null;
    }

    @Override
    public Collection<String> addJVMInvokeOptions(BenchmarkParams benchmark) {
        return List.of("env", SETTING);
    }

    @Override
    public Collection<String> addJVMOptions(BenchmarkParams benchmark) {
        return List.of();
    }

    @Override
    public void beforeTrial(BenchmarkParams benchmark) {}

    @Override
    public Collection<? extends Result<?>> afterTrial(BenchmarkResult result, long process, File out, File err) {
        return List.of();
    }

    @Override
    public boolean allowPrintOut() {
        return true;
    }

    @Override
    public boolean allowPrintErr() {
        return true;
    }

    @Override
    public String getDescription() {
        return "large pages for the memory of C code";
    }
}
