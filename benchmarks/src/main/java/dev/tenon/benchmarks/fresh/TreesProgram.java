package dev.tenon.benchmarks.fresh;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.trees.CycledRows;
import dev.tenon.benchmarks.trees.LightgbmRun;
import dev.tenon.benchmarks.trees.TenonTrees;
import dev.tenon.benchmarks.trees.TrainedForest;
import dev.tenon.benchmarks.trees.XgboostRun;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program that loads a forest and scores one row. {@link FreshJvm} runs it in a new JVM. It prints the end of each phase in
 * microseconds of the system clock, then the processor time that all threads of the process have used until the result, as
 * precisely
 * as the system counts it: Linux in steps of 10 milliseconds.
 */
public final class TreesProgram {
    /** The first line of the program. */
    public static final String MAIN = "main";

    /** The forest is loaded; in Tenon it is also prepared for the call. */
    public static final String LOADED = "loaded";

    /** The call has returned. */
    public static final String FIRST = "first";

    /** The processor time since the start of the process, not the end of a phase. */
    public static final String PROCESSOR = "processor";

    private static final long NANOS_PER_MICRO = 1000;

    private TreesProgram() {}

    /**
     * Runs the program.
     *
     * @param arguments the engine, and the file of the forest
     */
    public static void main(String[] arguments) {
        long main = FreshJvm.now();
        CycledRows rows = new CycledRows(new float[TrainedForest.COLUMNS], TrainedForest.COLUMNS, 1);
        Path file = Path.of(arguments[1]);
        PreparedRun run =
                switch (arguments[0]) {
                    case Engines.TENON -> new TenonTrees(file, rows, 1);
                    case Engines.XGBOOST -> new XgboostRun(file, rows, 1);
                    default -> new LightgbmRun(file, rows, 1);
                };
        long loaded = FreshJvm.now();
        run.run();
        long first = FreshJvm.now();
        Duration processor = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
        FreshJvm.tell(MAIN, main);
        FreshJvm.tell(LOADED, loaded);
        FreshJvm.tell(FIRST, first);
        FreshJvm.tell(PROCESSOR, processor.toNanos() / NANOS_PER_MICRO);
    }
}
