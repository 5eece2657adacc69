package dev.tenon.serving.batch;

import dev.tenon.Outputs;
import dev.tenon.serving.Call;
import dev.tenon.serving.run.Member;
import dev.tenon.serving.run.Outcome;
import dev.tenon.serving.run.RowGroup;
import dev.tenon.serving.threads.CallFuture;
import dev.tenon.serving.threads.Timed;
import dev.tenon.tensor.Datum;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * A call that waits or runs. It is pending, or its thread leads a batch, or it has ended: any thread may end a pending
 * one, the first one wins; a leader ends itself.
 */
final class Request extends Timed implements Member, Runnable {
    /** Ends requests whose time has come, and knows the time. */
    interface Owner {
        /** The time of the clock of deadlines. */
        long now();

        /** The deadline of a request has passed. */
        void expire(Request r);

        /** The caller of a request does not want it any more. */
        void cancel(Request r);
    }

    private static final System.Logger LOG = System.getLogger("dev.tenon");
    private static final VarHandle STATE = field(Request.class, "state", Object.class);
    private static final VarHandle BEGUN = field(Request.class, "begun", long.class);

    final Map<String, ? extends Datum> inputs;
    final Call call;
    /** Its rows, at least 0; how it counts in the queue. */
    final int rows;
    /** Its shapes; null if it runs alone. */
    final RowGroup group;
    /** When the call was made. */
    final long start;
    /** The thread that waits for the outputs; null if a future does, or nobody. */
    final Thread waiter;
    /** The future that waits for the outputs; null if a thread does, or nobody. */
    private Pending future;

    private final Owner owner;
    /** Null while pending, a {@link Batch} while leading, an {@link Outcome} at the end. */
    private volatile Object state;
    /** When it began to run; 0 while it waits. */
    private volatile long begun;
    /** Its result until it ends with it; only the thread that runs its batch uses this. */
    Outcome result;
    /** The outputs of the run that computed it, until its own are made of them; null before. */
    private Outputs together;
    /** Its first row in them; less than 0 if all rows are its own. */
    private int from;
    /** Whether its rows may be copied when they are read. */
    private boolean late;

    /** Its seat in its lane, if it waits; guarded by the lock of {@link Admission}. */
    int seat;

    /**
     * A pending request.
     *
     * @param owner ends it
     * @param inputs the inputs of the call
     * @param call how it is made
     * @param start when it was made
     * @param rows its rows
     * @param group its shapes, or null
     * @param waiter the thread that waits for the outputs; null if a future does, or nobody
     */
    Request(
            Owner owner,
            Map<String, ? extends Datum> inputs,
            Call call,
            long start,
            int rows,
            RowGroup group,
            Thread waiter) {
        super(call.hasDeadline() ? start + call.nanos() : Long.MAX_VALUE);
        this.owner = owner;
        this.inputs = inputs;
        this.call = call;
        this.rows = rows;
        this.group = group;
        this.start = start;
        this.waiter = waiter;
    }

    /** A future waits for the outputs; before any other thread knows of this. */
    void completes(Pending pending) {
        future = pending;
        pending.of(this);
    }

    private static VarHandle field(Class<?> owner, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @Override
    public void due() {
        owner.expire(this);
    }

    /** It ends, since its caller does not want it any more: the action that {@link Cancellation} takes. */
    @Override
    public void run() {
        owner.cancel(this);
    }

    @Override
    public Map<String, ? extends Datum> inputs() {
        return inputs;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public void begin(long now) {
        if (!hasBegun()) {
            BEGUN.setRelease(this, now == 0 ? 1L : now);
        }
    }

    /** It waits again, since the thread that led its batch was interrupted. */
    void beginAgain() {
        begun = 0;
    }

    boolean hasBegun() {
        return begun != 0;
    }

    long begun() {
        return begun;
    }

    /** Makes its thread the leader of a batch. Returns false if it has ended. */
    boolean lead(Batch batch) {
        return STATE.compareAndSet(this, null, batch);
    }

    @Override
    public void computed(Outputs outputs, int first, boolean readLate) {
        together = outputs;
        from = first;
        late = readLate;
        result = Outcome.COMPUTED;
    }

    @Override
    public void failed(Outcome outcome) {
        result = outcome;
    }

    @Override
    public boolean isOpen() {
        return result == null && !hasEnded();
    }

    /** The outputs that it ended with, or the failure thrown. The thread that runs its batch copies none that others can. */
    Outputs outputs() {
        Outcome outcome = outcome();
        if (outcome.failure() != null) {
            return outcome.get();
        }
        if (from < 0) {
            return together;
        }
        int to = from + rows;
        return late && future != null ? together.rowsToRead(from, to) : group.rows.part(together, from, to, inputs);
    }

    /** Ends a pending request. Returns false if it has ended, or leads. */
    boolean end(Outcome outcome) {
        return STATE.compareAndSet(this, null, outcome);
    }

    /** Ends a leader, on its own thread. */
    void endLeading(Outcome outcome) {
        state = outcome;
    }

    Object state() {
        return state;
    }

    boolean isLeading() {
        return state instanceof Batch;
    }

    boolean hasEnded() {
        return state instanceof Outcome;
    }

    @Override
    public boolean isGone() {
        return isOver() || future != null && future.isDone();
    }

    /** Whether it has ended, or is about to. */
    boolean isOver() {
        return hasEnded() || call.isCancelled() || isPastDeadline();
    }

    /** Whether its deadline is later than that of another one. */
    boolean endsAfter(Request other) {
        // Times of the clock have no order but that of their differences; no deadline is the latest.
        return other.call.hasDeadline() && (!call.hasDeadline() || at - other.at > 0);
    }

    boolean isPastDeadline() {
        return call.hasDeadline() && isPastDeadline(owner.now());
    }

    boolean isPastDeadline(long now) {
        return call.hasDeadline() && now - at >= 0;
    }

    /** Whether actions of others run when the future is complete. They may take long. */
    boolean hasDependents() {
        return future != null && future.getNumberOfDependents() > 0;
    }

    /**
     * Whether it was computed, and its future alone decides how it ends: by its outputs, unless its user completes it before.
     * Others may end by a deadline or a cancellation, too.
     */
    boolean isDecidedByFuture() {
        return future != null && Outcome.COMPUTED.equals(result) && !call.mayEndEarly();
    }

    /**
     * Hands the outcome over to the thread or the future that waits for it: after it has ended, or to a future that decides
     * it. Returns false if such a future was completed before.
     */
    boolean wake() {
        if (waiter != null) {
            LockSupport.unpark(waiter);
        } else if (future != null) {
            return future.end(this) || !isDecidedByFuture() || result.equals(state);
        }
        return true;
    }

    private Outcome outcome() {
        return state instanceof Outcome ended ? ended : result;
    }

    /** The future of a call that is computed in a batch. */
    static class Pending extends CallFuture<Outputs> {
        private boolean end(Request ended) {
            Outputs outputs = null;
            Throwable failure = ended.outcome().failure();
            try {
                outputs = failure == null ? ended.outputs() : null;
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            try {
                ending(outputs, failure);
                return end(outputs, failure);
            } catch (RuntimeException | Error e) {
                return end(null, e);
            }
        }

        /** Its call has ended, and it is about to be completed, unless its user has done so. */
        void ending(Outputs outputs, Throwable failure) {
            // Nobody watches it.
        }
    }

    /** A future whose call is watched. It keeps the watcher until its call ends. */
    static final class WatchedPending extends Pending {
        private final AtomicReference<BiConsumer<? super Outputs, ? super Throwable>> watcher;

        WatchedPending(BiConsumer<? super Outputs, ? super Throwable> watcher) {
            this.watcher = new AtomicReference<>(watcher);
        }

        @Override
        void ending(Outputs outputs, Throwable failure) {
            BiConsumer<? super Outputs, ? super Throwable> told = watcher.getAndSet(null);
            if (told == null || isDone()) {
                return;
            }
            try {
                told.accept(outputs, failure);
            } catch (RuntimeException | Error e) {
                // The call has its outcome, which must reach its user.
                LOG.log(System.Logger.Level.ERROR, "the end of a call could not be watched", e);
            }
        }
    }
}
