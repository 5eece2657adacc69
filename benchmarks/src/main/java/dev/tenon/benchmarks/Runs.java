package dev.tenon.benchmarks;

import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.growth.GrowthRun;
import dev.tenon.benchmarks.load.LoadRun;
import dev.tenon.benchmarks.load.ServingRun;
import dev.tenon.benchmarks.networks.GeneratedNetworks;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

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

    private static final Map<String, Run> ALL = Map.of(
            FreshRuns.START, measurement((out, words) -> FreshRuns.run(out, floats(), words)),
            FreshRuns.COLD, measurement((out, words) -> FreshRuns.run(out, floats(), words)),
            CallersRun.NAME, measurement((out, words) -> CallersRun.run(out, floats(), words)),
            ThreadsRun.NAME, measurement(ThreadsRun::run),
            BatchingRun.NAME, checked(measurement(BatchingRun::run)),
            LoadRun.NAME, checked(measurement(LoadRun::run)),
            ServingRun.NAME, checked((out, progress, words) -> ServingRun.run(out, words)),
            GrowthRun.NAME, checked((out, progress, words) -> GrowthRun.run(out, words)),
            GeneratedNetworks.NAME, Runs::networks);

    private Runs() {}

    /**
     * The run of a name.
     *
     * @param name the first word of a command line
     * @return the run, or null if the word is no name of one
     */
    static Run find(String name) {
        return ALL.get(name);
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
