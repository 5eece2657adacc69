package dev.tenon.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.RunnerException;

/** A complete comparison, in forks that run for a short time. */
final class ShortComparison {
    private static final String[] AN_INSTANT = {"-f", "1", "-wi", "0", "-i", "2", "-r", "20ms"};

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

    /** Runs {@link Compare}. Returns its exit code. */
    int run(String... arguments) throws UsageException, IOException, RunnerException {
        return Compare.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(progress, true, StandardCharsets.UTF_8),
                Stream.of(arguments, AN_INSTANT).flatMap(Stream::of).toArray(String[]::new));
    }

    /** What it printed. */
    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** What it told of its progress. */
    String progress() {
        return progress.toString(StandardCharsets.UTF_8);
    }
}
