package dev.tenon.benchmarks;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.benchmarks.load.RowModels;
import dev.tenon.samples.Usage;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.Tensor;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures how much faster a row is when several run together, on one thread: {@code n t(1) / t(n)}, the largest of which
 * is the most that batching can gain. It also asks the batcher whether rows have the same bits together and alone, and
 * measures what a batcher adds to a call. All numbers of rows take turns; each time is the least processor time of its
 * turns.
 */
final class BatchingRun {
    static final String NAME = "batching";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int[] ROWS = {1, 2, 3, 4, 8, 16, 32, 64};
    private static final int TURNS = 15;
    private static final long TURN_NANOS = 30_000_000;
    private static final int WORD = 2;
    private static final double NANOS_PER_MICRO = 1e3;

    private BatchingRun() {}

    /** {@return the usage of this run} */
    static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "What rows gain by running together.")
                .spaced()
                .arguments("[MODEL SHAPES]", "a model and its shapes, such as x=nx3x8; a list of models if not given")
                .example("benchmarks/run " + NAME, "benchmarks/run " + NAME + " model.onnx x=nx3x8");
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param arguments the name of the suite, and a model with its shapes, or none for a list
     * @throws UsageException if a model is missing
     * @throws IllegalArgumentException if a shape is missing
     */
    static void run(PrintStream out, String... arguments) throws UsageException {
        if (arguments.length != 1 && arguments.length < 1 + WORD) {
            throw new UsageException(usage().synopsis());
        }
        out.println("one thread, processor time; t(1) in microseconds, then n t(1) / t(n) and the largest, g*;");
        out.println(
                "nanoseconds that a batcher adds to a call: one that runs alone, and one that waits and is merged;");
        out.println("the share of the best rate of rows that merged calls have; - where runs are too long to tell");
        out.printf(Locale.ROOT, "%-26s %9s", "model", "t(1)");
        for (int i = 1; i < ROWS.length; i++) {
            out.printf(Locale.ROOT, " %6d", ROWS[i]);
        }
        out.println("     g*   idle  merged  share  same bits");
        if (arguments.length > 1) {
            String shapes = String.join(" ", Arrays.copyOfRange(arguments, WORD, arguments.length));
            measure(out, arguments[1], Path.of(arguments[1]), shapes);
            return;
        }
        for (RowModels.Entry entry : RowModels.LIST) {
            measure(out, entry.name(), entry.path(), entry.shapes());
        }
    }

    private static void measure(PrintStream out, String name, Path file, String shapes) throws UsageException {
        if (!Files.exists(file)) {
            throw new UsageException(file + " is missing");
        }
        Session session = Model.load(file).session(SessionOptions.standard().threads(1));
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (int rows : ROWS) {
            inputs.add(RowModels.inputs(session.model(), shapes, rows));
        }
        double[] nanos = shortest(session, inputs);
        out.printf(Locale.ROOT, "%-26s %9.1f", name, nanos[0] / NANOS_PER_MICRO);
        BatchOptions options = BatchOptions.standard().samples(List.of(inputs.getLast()));
        double most = 1;
        double row = nanos[0];
        for (int i = 1; i < ROWS.length; i++) {
            double gain = ROWS[i] * nanos[0] / nanos[i];
            most = Math.max(most, gain);
            row = ROWS[i] <= options.maxRows() ? Math.min(row, nanos[i] / ROWS[i]) : row;
            out.printf(Locale.ROOT, " %6.2f", gain);
        }
        out.printf(Locale.ROOT, " %6.2f  ", most);
        try {
            Batcher.of(session, options);
            out.print(BatchOverhead.columns(session, options, inputs.getFirst(), nanos[0], row));
            out.println("  yes");
        } catch (NotBatchableException e) {
            out.print(BatchOverhead.NO_COLUMNS);
            out.println("  no: " + e.thing() + ": " + e.found());
        }
        out.flush();
    }

    /** The least processor time of a call for each number of rows: other programs do not count. */
    private static double[] shortest(Session session, List<Map<String, Tensor>> inputs) {
        double[] shortest = new double[inputs.size()];
        Arrays.fill(shortest, Double.MAX_VALUE);
        for (int turn = 0; turn < TURNS; turn++) {
            for (int i = 0; i < shortest.length; i++) {
                long end = System.nanoTime() + TURN_NANOS;
                long begin = THREADS.getCurrentThreadCpuTime();
                int calls = 0;
                do {
                    if (session.predict(inputs.get(i)).isEmpty()) {
                        throw new IllegalStateException("the model has no outputs");
                    }
                    calls++;
                } while (System.nanoTime() < end);
                shortest[i] = Math.min(shortest[i], (double) (THREADS.getCurrentThreadCpuTime() - begin) / calls);
            }
        }
        return shortest;
    }
}
