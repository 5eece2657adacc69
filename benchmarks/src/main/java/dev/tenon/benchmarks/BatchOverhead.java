package dev.tenon.benchmarks;

import dev.tenon.Session;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Measures the processor time that a batcher adds to a call, on one thread: that of an idle one, and that of one which
 * merges calls that wait. The second is what the thread that runs batches pays for each call: to take it out of the
 * queue, to join its inputs, and to hand its outputs over. It leaves out what the calling thread pays, and what it costs
 * that two threads share memory.
 */
final class BatchOverhead {
    /** The columns of a model that can't be batched. */
    static final String NO_COLUMNS = "     -       -      -";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** Calls that wait together: one that runs alone, and full batches. */
    private static final int CALLS = 1 + 16 * 32;

    private static final int TURNS = 40;
    private static final long TURN_NANOS = 30_000_000;
    /** Differences of a few tens of nanoseconds drown in longer runs. */
    private static final double LONGEST_IDLE_NANOS = 50_000;

    private static final double LONGEST_MERGED_NANOS = 100_000;
    /** How long merged calls are measured, until the JIT compiler has done its work and the batcher knows the best size. */
    private static final long MERGED_NANOS = 6_000_000_000L;

    private final Session session;
    private final BatchOptions options;
    private final Map<String, Tensor> input;

    private BatchOverhead(Session session, BatchOptions options, Map<String, Tensor> input) {
        this.session = session;
        this.options = options.slots(1).queueRows(2 * CALLS);
        this.input = input;
    }

    /**
     * Measures the time that a batcher adds to a call.
     *
     * @param session the model
     * @param options with which it is batchable
     * @param input a call with one row
     * @param single the time of a call alone, nanoseconds
     * @param row the least time of a row, with as many as a batch may have, nanoseconds
     * @return three columns
     */
    static String columns(Session session, BatchOptions options, Map<String, Tensor> input, double single, double row) {
        BatchOverhead overhead = new BatchOverhead(session, options, input);
        String idle = single > LONGEST_IDLE_NANOS ? "-" : String.format(Locale.ROOT, "%.0f", overhead.idle());
        if (single > LONGEST_MERGED_NANOS) {
            return String.format(Locale.ROOT, "%6s       -      -", idle);
        }
        double merged = overhead.merged();
        return String.format(Locale.ROOT, "%6s %7.0f %6.2f", idle, merged - row, row / merged);
    }

    /** How much longer a call of an idle batcher takes than one of the session. */
    private double idle() {
        Batcher batcher = Batcher.of(session, options);
        double direct = Double.MAX_VALUE;
        double through = Double.MAX_VALUE;
        for (int turn = 0; turn < TURNS; turn++) {
            direct = Math.min(direct, nanos(() -> session.predict(input).size()));
            through = Math.min(through, nanos(() -> batcher.predict(input).size()));
        }
        return through - direct;
    }

    private interface Work {
        int run();
    }

    private static double nanos(Work work) {
        long end = System.nanoTime() + TURN_NANOS;
        long begin = THREADS.getCurrentThreadCpuTime();
        int calls = 0;
        do {
            if (work.run() == 0) {
                throw new IllegalStateException("the model has no outputs");
            }
            calls++;
        } while (System.nanoTime() < end);
        return (double) (THREADS.getCurrentThreadCpuTime() - begin) / calls;
    }

    /** How long a call takes that waits with many others, without its submission. */
    private double merged() {
        ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        Batcher batcher = Batcher.of(session, options.executor(tasks::add));
        double least = Double.MAX_VALUE;
        long end = System.nanoTime() + MERGED_NANOS;
        do {
            CompletableFuture<?>[] calls = new CompletableFuture<?>[CALLS];
            for (int i = 0; i < CALLS; i++) {
                calls[i] = batcher.submit(input, Call.standard());
            }
            long begin = THREADS.getCurrentThreadCpuTime();
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
            least = Math.min(least, (double) (THREADS.getCurrentThreadCpuTime() - begin) / CALLS);
            CompletableFuture.allOf(calls).join();
        } while (System.nanoTime() < end);
        return least;
    }
}
