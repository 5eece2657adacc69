package dev.tenon.benchmarks;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.error.TenonException;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures one session with many callers, on all-MiniLM-L6-v2 in float32: the throughput of eight callers and of two,
 * and the times of their slowest calls. Both numbers of callers take turns, in blocks of one second.
 */
final class CallersRun {
    static final String NAME = "callers";

    private static final int FEW = 2;
    private static final int MANY = 8;
    private static final int ROUNDS = 8;
    private static final int TOKENS = 16;
    private static final long BLOCK_NANOS = 1_000_000_000L;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double TAIL = 0.99;
    private static final int WORD = 2000;

    private final Session session;
    private final long blockNanos;
    private final Samples[] times = {new Samples(), new Samples()};
    private final double[] seconds = new double[2];

    private CallersRun(Session session, long blockNanos) {
        this.session = session;
        this.blockNanos = blockNanos;
    }

    /** {@return the usage of this run} */
    static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "One session: eight callers against two.")
                .spaced()
                .example("benchmarks/run " + NAME);
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param model the file of the model
     * @param arguments the name of the suite
     * @throws UsageException if there are more arguments
     * @throws IOException if a caller fails
     */
    static void run(PrintStream out, Path model, String... arguments) throws UsageException, IOException {
        if (arguments.length > 1) {
            throw new UsageException("unexpected: " + arguments[1] + "; suite " + NAME + " has no options");
        }
        run(out, Model.load(model).session(), ROUNDS, BLOCK_NANOS);
    }

    /**
     * Measures, and prints a table.
     *
     * @param out receives the table
     * @param session a session of a BERT with the inputs of all-MiniLM-L6-v2
     * @param rounds measured blocks for each number of callers, at least 1
     * @param blockNanos the time of a block, in nanoseconds
     * @throws IOException if a caller fails
     */
    static void run(PrintStream out, Session session, int rounds, long blockNanos) throws IOException {
        CallersRun run = new CallersRun(session, blockNanos);
        int[] callers = {FEW, MANY};
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (int round = -2; round < rounds; round++) {
                for (int i = 0; i < callers.length; i++) {
                    run.block(threads, callers[i], round < 0 ? null : run.times[i], i);
                }
            }
        } catch (ExecutionException e) {
            throw new IOException("a caller failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        out.printf(Locale.ROOT, "%-8s | %-12s | %-10s | %-10s%n", "callers", "calls/second", "p50 ms", "p99 ms");
        double[] rate = new double[2];
        double[] tail = new double[2];
        for (int i = 0; i < callers.length; i++) {
            Samples all = run.times[i];
            rate[i] = all.count() / run.seconds[i];
            tail[i] = all.quantile(TAIL);
            out.printf(
                    Locale.ROOT, "%-8d | %12.1f | %10.3f | %10.3f%n", callers[i], rate[i], all.quantile(0.5), tail[i]);
        }
        out.printf(
                Locale.ROOT,
                "%n%d callers to %d: throughput %.3f, p99 %.2f%n",
                MANY,
                FEW,
                rate[1] / rate[0],
                tail[1] / tail[0]);
    }

    /** Runs callers for the time of a block. Records the times of their calls, unless {@code into} is null. */
    private void block(ExecutorService threads, int callers, Samples into, int index)
            throws ExecutionException, InterruptedException {
        long start = System.nanoTime();
        List<Future<List<Long>>> all = new ArrayList<>();
        for (int c = 0; c < callers; c++) {
            all.add(threads.submit(() -> calls(start + blockNanos)));
        }
        List<Long> nanos = new ArrayList<>();
        for (Future<List<Long>> caller : all) {
            nanos.addAll(caller.get());
        }
        if (into != null) {
            seconds[index] += (System.nanoTime() - start) / NANOS_PER_SECOND;
            nanos.forEach(n -> into.add(n / NANOS_PER_MILLI, 1));
        }
    }

    private List<Long> calls(long end) throws TenonException {
        long[] ids = new long[TOKENS];
        long[] ones = new long[TOKENS];
        Arrays.setAll(ids, i -> WORD + i);
        Arrays.fill(ones, 1);
        Map<String, Tensor> inputs = Map.of(
                "input_ids", Tensor.wrap(ids, 1, TOKENS),
                "attention_mask", Tensor.wrap(ones, 1, TOKENS),
                "token_type_ids", Tensor.wrap(new long[TOKENS], 1, TOKENS));
        List<Long> nanos = new ArrayList<>();
        while (System.nanoTime() < end) {
            long before = System.nanoTime();
            session.predict(inputs);
            nanos.add(System.nanoTime() - before);
        }
        return nanos;
    }
}
