package dev.tenon.serving.batch;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.exec.StackRoom;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.run.Served;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * Takes calls from any number of threads, virtual ones too, and runs as many of them at a time as the machine has room
 * for. Calls that wait are merged into batches, where the model allows it. It gives each call a deadline, a lane and a
 * way to be cancelled, and refuses calls when too much waits.
 *
 * <p><b>Threads.</b> There is no pool. A call that finds a free slot runs on the thread of its caller, at once and alone:
 * an idle batcher delays nothing. Otherwise it waits. When a slot becomes free, one of the callers that wait leads: it
 * runs a batch with its own call in it, and the others of the batch get their outputs from it. A thread that has ended a
 * run goes on with batches of a few microseconds for at most about 60 microseconds, instead of waking another one: this
 * holds its caller so long. One daemon thread of the process ends calls whose deadline has passed.
 *
 * <p><b>Results</b> have the bits of {@link Session#predict(Map)}, whatever calls run together, unless
 * {@link BatchOptions#withinNumerics} says otherwise. When a batcher is made, it proves with samples that rows have the
 * same bits in batches of 2, 3, 8 and the most rows. Later, rows of another shape or number are computed together and
 * alone once, and compared, before their results are used together; a shape whose rows differ is never merged again.
 *
 * <p><b>Failures.</b> A call is checked before it waits. If a batch fails, it is halved until the calls that fail stand
 * alone; the others do not notice. A call whose caller has gone leaves its batch, and a batch without callers stops
 * before its next step. A thread whose stack has no room for a call gets a typed exception, and takes no slot. A caller that
 * leads a batch is held until the batch ends, even if its own deadline passes; it
 * then gets the exception. The caller with the latest deadline leads.
 *
 * <pre>{@code
 * Batcher batcher = Batcher.of(session, BatchOptions.standard());
 * Outputs y = batcher.predict(inputs, Call.standard().within(Duration.ofMillis(20)).lane(tenant));
 * }</pre>
 */
public final class Batcher {
    private final BatchCore core;

    Batcher(BatchCore core) {
        this.core = core;
    }

    /**
     * A batcher for a session. With {@link BatchOptions#maxRows} above 1 this runs samples to prove that the model is
     * batchable, which takes about as long as twice the largest batch.
     *
     * @param session computes the calls
     * @param options how calls are merged, and how many may wait
     * @return the batcher, to be kept and shared
     * @throws NotBatchableException if rows of several calls can't be computed together
     * @throws dev.tenon.error.InvalidOptionException if the options do not go together
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory for the samples, or for the most rows
     */
    public static Batcher of(Session session, BatchOptions options) {
        // Loads what a call at the end of a stack needs.
        StackRoom.requireForServing();
        int threads = Math.max(1, session.options().threads());
        int free = Math.max(1, SessionOptions.standard().threads() / threads);
        int slots = options.slots() == 0 ? free : options.slots();
        return new Batcher(new BatchCore(Served.of(session, options), options, slots, Deadlines.SHARED));
    }

    /**
     * Predicts, without deadline.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @return all outputs, which belong to the caller
     * @throws OverloadedException if too much waits
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Outputs predict(Map<String, ? extends Datum> inputs) {
        try {
            return predict(inputs, Call.standard());
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts.
     *
     * @param inputs as for {@link Session#predict(Map)}; they must not change before this returns
     * @param call the deadline, lane and cancellation of the call
     * @return all outputs, which belong to the caller
     * @throws OverloadedException if too much waits, or the call could not end before its deadline
     * @throws DeadlineExceededException if the deadline passes
     * @throws CancelledPredictionException if the call is cancelled
     * @throws InterruptedPredictionException if the thread is interrupted; it stays interrupted
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Outputs predict(Map<String, ? extends Datum> inputs, Call call) {
        try {
            Objects.requireNonNull(inputs, "inputs");
            Objects.requireNonNull(call, "call");
            // Nothing is taken before it is known that it can be given back.
            StackRoom.requireForServing();
            return core.predict(inputs, call);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts without holding the caller. A batch in which no caller waits runs on the threads of
     * {@link BatchOptions#executor}.
     *
     * @param inputs as for {@link Session#predict(Map)}; they must not change before the future is complete
     * @param call the deadline, lane and cancellation of the call
     * @return the outputs. The future fails with the exceptions of {@link #predict(Map, Call)}. Cancelling it ends the
     *     call, and so does completing it. Actions that depend on it before the call ends run on the threads of
     *     {@link BatchOptions#executor}; those that are added later run on the thread that adds them, or on the one that
     *     just completes it. Small outputs are copied when they are read first; until then they keep those of the calls
     *     that ran with this one, 16 KiB at most
     */
    public CompletableFuture<Outputs> submit(Map<String, ? extends Datum> inputs, Call call) {
        try {
            Objects.requireNonNull(inputs, "inputs");
            Objects.requireNonNull(call, "call");
            StackRoom.requireForServing();
            return core.submit(inputs, call, null);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts without holding the caller, and tells how the call has ended before its future is complete: counts that are
     * made then are there when anybody hears of the end.
     *
     * @param inputs as for {@link #submit(Map, Call)}
     * @param call the deadline, lane and cancellation of the call
     * @param ended is told the outputs, or null and the reason why there are none, on the thread that ends the call; must be
     *     quick. It is not told of a call that is ended by its future, which was cancelled or completed. Exceptions that it
     *     throws are logged
     * @return as {@link #submit(Map, Call)}
     */
    public CompletableFuture<Outputs> submit(
            Map<String, ? extends Datum> inputs, Call call, BiConsumer<? super Outputs, ? super Throwable> ended) {
        try {
            Objects.requireNonNull(inputs, "inputs");
            Objects.requireNonNull(call, "call");
            Objects.requireNonNull(ended, "ended");
            StackRoom.requireForServing();
            return core.submit(inputs, call, ended);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /** {@return the name in messages, events and reports} */
    public String name() {
        return core.name();
    }

    /** {@return the options that this batcher was made with} */
    public BatchOptions options() {
        return core.options();
    }

    /** {@return how many runs may go on at the same time} */
    public int slots() {
        return core.slots();
    }

    /** {@return what this batcher has done, and does now} */
    public BatchStatistics statistics() {
        return core.statistics();
    }

    /** {@return whether a slot is free and nothing waits: a call would run at once} */
    public boolean isIdle() {
        return core.isIdle();
    }
}
