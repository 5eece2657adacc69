package dev.tenon.benchmarks;

import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.decoder.DecoderRun;
import dev.tenon.benchmarks.decoder.GenerateRun;
import dev.tenon.benchmarks.decoder.PerplexityRun;
import dev.tenon.benchmarks.growth.GrowthRun;
import dev.tenon.benchmarks.load.LoadRun;
import dev.tenon.benchmarks.load.ServingRun;
import dev.tenon.benchmarks.networks.GeneratedNetworks;
import dev.tenon.benchmarks.operators.CliffRun;
import dev.tenon.samples.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The runs of the command line that compare no engines and so are no {@link Suite}, by their names. */
final class Runs {
    /** One of the runs. */
    @FunctionalInterface
    interface Run {
        /**
         * Runs it.
         *
         * @param out receives the tables
         * @param progress receives messages about the progress
         * @param words the name of the run and its options
         * @return whether the run found no fault
         * @throws UsageException if the options are wrong
         * @throws IOException if a file cannot be read or written
         */
        boolean run(PrintStream out, PrintStream progress, String... words) throws UsageException, IOException;
    }

    /** A run that finds no faults. */
    @FunctionalInterface
    private interface Measurement {
        void run(PrintStream out, String... words) throws UsageException, IOException;
    }

    /** A run and its usage. */
    private record Entry(Supplier<Usage> usage, Run run) {}

    private static final Map<String, Entry> ALL = new TreeMap<>(Map.of(
            FreshRuns.START,
            new Entry(
                    () -> FreshRuns.usage(FreshRuns.START),
                    measurement((out, words) -> FreshRuns.run(out, floats(), words))),
            FreshRuns.COLD,
            new Entry(
                    () -> FreshRuns.usage(FreshRuns.COLD),
                    measurement((out, words) -> FreshRuns.run(out, floats(), words))),
            CallersRun.NAME,
            new Entry(CallersRun::usage, measurement((out, words) -> CallersRun.run(out, floats(), words))),
            ThreadsRun.NAME,
            new Entry(ThreadsRun::usage, measurement(ThreadsRun::run)),
            BatchingRun.NAME,
            new Entry(BatchingRun::usage, checked(measurement(BatchingRun::run))),
            LoadRun.NAME,
            new Entry(LoadRun::usage, checked(measurement(LoadRun::run))),
            ServingRun.NAME,
            new Entry(ServingRun::usage, checked((out, progress, words) -> ServingRun.run(out, words))),
            GrowthRun.NAME,
            new Entry(GrowthRun::usage, checked((out, progress, words) -> GrowthRun.run(out, words))),
            GeneratedNetworks.NAME,
            new Entry(GeneratedNetworks::usage, Runs::networks),
            CliffRun.NAME,
            new Entry(CliffRun::usage, checked((out, progress, words) -> CliffRun.run(out, words)))));

    static {
        ALL.put(DecoderRun.NAME, new Entry(DecoderRun::usage, checked(DecoderRun::run)));
        ALL.put(GenerateRun.NAME, new Entry(GenerateRun::usage, checked(GenerateRun::run)));
        ALL.put(
                PerplexityRun.NAME,
                new Entry(PerplexityRun::usage, checked((out, progress, words) -> PerplexityRun.run(out, words))));
    }

    private Runs() {}

    /**
     * The run of a name.
     *
     * @param name the first word of a command line
     * @return the run, or null if the word is no name of one
     */
    static Run find(String name) {
        return ALL.containsKey(name) ? ALL.get(name).run() : null;
    }

    /** {@return the names of the runs} */
    static Set<String> names() {
        return ALL.keySet();
    }

    /**
     * The usage of a run.
     *
     * @param name the first word of a command line
     * @return the usage, if the word is the name of a run
     */
    static Optional<Usage> usage(String name) {
        return Optional.ofNullable(ALL.get(name)).map(entry -> entry.usage().get());
    }

    private static Path floats() {
        return MiniLmCase.file(MiniLmCase.FLOAT);
    }

    private static Run measurement(Measurement measurement) {
        return (out, progress, words) -> {
            measurement.run(out, words);
            return true;
        };
    }

    /** A run that refuses its options by an IllegalArgumentException. */
    private static Run checked(Run run) {
        return (out, progress, words) -> {
            try {
                return run.run(out, progress, words);
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage());
            }
        };
    }

    private static boolean networks(PrintStream out, PrintStream progress, String... words) {
        GeneratedNetworks.run(progress, words.length > 1 ? Path.of(words[1]) : MiniLmCase.folder());
        return true;
    }
}
