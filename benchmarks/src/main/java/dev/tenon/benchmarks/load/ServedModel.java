package dev.tenon.benchmarks.load;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.Tensor;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A model with one engine thread, and the rates at which it can compute calls. */
final class ServedModel implements AutoCloseable {
    private static final int INPUTS = 16;
    /** Calls of a generator that have not ended: so many that a good part still waits when it is late to wake. */
    private static final int WINDOW = 1024;

    private static final int[] ROWS = {1, 2, 4, 8, 16, 32};
    private static final double NANOS = 1e9;

    private final RowModels.Entry entry;
    private final Session session;
    private final List<Map<String, Tensor>> inputs = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(1);

    ServedModel(RowModels.Entry entry) {
        this.entry = entry;
        this.session =
                Model.load(entry.path()).session(SessionOptions.standard().threads(1));
        for (int i = 0; i < INPUTS; i++) {
            inputs.add(RowModels.inputs(session.model(), entry.shapes(), 1));
        }
    }

    /** The model of a name in {@link RowModels#LIST}, or null if its file is missing. */
    static ServedModel named(String name) {
        for (RowModels.Entry entry : RowModels.LIST) {
            if (entry.name().equals(name)) {
                return Files.exists(entry.path()) ? new ServedModel(entry) : null;
            }
        }
        throw new IllegalArgumentException("no model " + name);
    }

    String name() {
        return entry.name();
    }

    Session session() {
        return session;
    }

    List<Map<String, Tensor>> inputs() {
        return inputs;
    }

    /** The inputs of a call. */
    Map<String, Tensor> input(long call) {
        return inputs.get((int) (call % INPUTS));
    }

    /** A batcher with one slot, whose calls run on one thread. */
    Batcher batcher(BatchOptions options) {
        return Batcher.of(session, options.samples(inputs).slots(1).executor(threads));
    }

    /** Rows a second of runs with so many rows, on this thread. */
    double rowsASecond(int rows, double seconds) {
        Map<String, Tensor> batch = rows == 1 ? null : RowModels.inputs(session.model(), entry.shapes(), rows);
        long start = System.nanoTime();
        long end = start + (long) (seconds * NANOS);
        long runs = 0;
        while (System.nanoTime() < end) {
            if (session.predict(batch == null ? input(runs) : batch).isEmpty()) {
                throw new IllegalStateException("the model has no outputs");
            }
            runs++;
        }
        return rows * runs * NANOS / (System.nanoTime() - start);
    }

    /** Seconds of a run with one row: the shortest of some. */
    double secondsOfACall(double seconds) {
        double best = 0;
        for (int i = 0; i < 5; i++) {
            best = Math.max(best, rowsASecond(1, seconds / 5));
        }
        return 1 / best;
    }

    /**
     * Calls a second of a batcher in which many calls always wait. The calls are futures, made by this thread: no thread
     * is woken for each of them, so this is the most that a batcher can do, not that threads which wait for each call get.
     */
    double saturated(Batcher batcher, double seconds) {
        long start = System.nanoTime();
        long end = start + (long) (seconds * NANOS);
        ArrayDeque<CompletableFuture<?>> calls = new ArrayDeque<>();
        long sent = 0;
        while (System.nanoTime() < end) {
            calls.add(batcher.submit(input(sent++), Call.standard()));
            if (calls.size() == WINDOW) {
                // It waits for half of them at once, since each wake-up takes time of the engine's thread.
                CompletableFuture<?> last = null;
                while (calls.size() > WINDOW / 2) {
                    last = calls.poll();
                }
                last.join();
            }
        }
        calls.forEach(CompletableFuture::join);
        return sent * NANOS / (System.nanoTime() - start);
    }

    /**
     * The best rates of some turns.
     *
     * @param single calls a second, one after the other
     * @param rows rows a second of the best number of rows
     * @param batched calls a second of a batcher
     */
    record Rates(double single, double rows, double batched) {
        /** The most that batching can gain. */
        double gain() {
            return Math.max(1, rows / single);
        }
    }

    /** Measures rates in turns. The first turn warms up. */
    Rates rates(Batcher batcher, int turns, double seconds) {
        double single = 0;
        double rows = 0;
        double batched = 0;
        for (int turn = 0; turn <= turns; turn++) {
            double one = rowsASecond(1, seconds);
            double many = one;
            for (int n : ROWS) {
                many = Math.max(many, n <= batcher.options().maxRows() ? rowsASecond(n, seconds / ROWS.length) : 0);
            }
            double all = saturated(batcher, seconds);
            if (turn > 0) {
                single = Math.max(single, one);
                rows = Math.max(rows, many);
                batched = Math.max(batched, all);
            }
        }
        return new Rates(single, rows, batched);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
