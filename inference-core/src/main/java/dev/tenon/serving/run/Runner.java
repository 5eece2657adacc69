package dev.tenon.serving.run;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;

/**
 * Runs batches of calls on the threads that ask for it. Safe for any number of threads.
 *
 * @param <M> the calls
 */
public final class Runner<M extends Member> {
    final String name;
    final Engine engine;
    final Reports reports;
    final LongSupplier clock;
    final Results<M> results;
    /** Memory for the inputs of batches: as much as batches ran at the same time. */
    final Queue<JoinMemory> memories = new ConcurrentLinkedQueue<>();

    /**
     * Takes results while a run goes on.
     *
     * @param <M> the calls
     */
    @FunctionalInterface
    public interface Results<M extends Member> {
        /**
         * Ends calls with their results.
         *
         * @param finished calls with results; the list may be changed
         * @param now the time at which the last of them had its result
         */
        void accept(List<M> finished, long now);
    }

    /**
     * Runs of a model.
     *
     * @param served the model
     * @param reports counts halved and compared runs
     * @param clock nanoseconds that only grow
     * @param results takes results
     */
    public Runner(Served served, Reports reports, LongSupplier clock, Results<M> results) {
        this.name = served.name();
        this.engine = served.engine();
        this.reports = reports;
        this.clock = clock;
        this.results = results;
    }

    /**
     * Runs calls. Those that are open afterwards are gone, or the run has ended early. Where calls had to be computed one
     * after the other, their results were handed out; {@link BatchRun#finished} are left.
     *
     * @param members the calls
     * @param group their shapes, or null if they run one after the other
     * @param isLed whether the call of this thread is one of them
     * @return the run, which has ended
     */
    public BatchRun<M> run(List<M> members, RowGroup group, boolean isLed) {
        BatchRun<M> run = new BatchRun<>(this, members, group);
        run.run(isLed);
        return run;
    }
}
