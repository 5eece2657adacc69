package dev.tenon.serving;

import dev.tenon.Outputs;
import dev.tenon.batch.RowGroup;
import dev.tenon.batch.Timed;
import dev.tenon.tensor.Datum;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A call that waits or runs. It is pending, or its thread leads a batch, or it has ended: any thread may end a pending
 * one, the first one wins; a leader ends itself.
 */
final class Request extends Timed implements Runnable {
    /** Requests that run together, in a slot of their own. */
    static final class Batch {
        private final List<Request> members;
        private final RowGroup group;
        private final int rows;
        private final double nanos;
        /** Whether its slot is free again; guarded by the lock of the batcher. */
        boolean released;

        /**
         * Requests that run together, under the lock of the batcher.
         *
         * @param members at least one
         * @param group their shapes, or null if nothing is merged
         * @param rows their rows, at least 1
         */
        Batch(List<Request> members, RowGroup group, int rows) {
            this.members = members;
            this.group = group;
            this.rows = rows;
            this.nanos = group == null ? 0 : group.gain.nanos(rows);
        }

        List<Request> members() {
            return members;
        }

        RowGroup group() {
            return group;
        }

        /** Their rows, at least 1. */
        int rows() {
            return rows;
        }

        /** Whether it is known to end within a time, and needs no comparison first. */
        boolean isShorterThan(long limit) {
            return nanos > 0 && nanos < limit && isProven();
        }

        private boolean isProven() {
            if (group.isRefused() || !group.isProven(rows)) {
                return false;
            }
            if (rows == members.size()) {
                // Each has one row, which needs no proof.
                return true;
            }
            for (Request r : members) {
                if (!group.isProven(r.rows)) {
                    return false;
                }
            }
            return true;
        }

        /** Whether a thread waits for any of its calls. */
        boolean hasWaiter() {
            for (Request r : members) {
                if (r.waiter != null) {
                    return true;
                }
            }
            return false;
        }

        static int rows(List<Request> members) {
            int rows = 0;
            for (Request r : members) {
                rows += r.rows;
            }
            return Math.max(1, rows);
        }
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
    final Pending future;

    private final Batcher batcher;
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

    /** The lane in which it waits or has waited, or null, and its seat there; guarded by the lock of the batcher. */
    Lane lane;

    int seat;

    /** A pending request. A thread or a future waits for it; the others are null. */
    Request(Batcher batcher, Arrival arrival, Thread waiter, Pending future) {
        super(arrival.call().hasDeadline() ? arrival.start() + arrival.call().nanos() : Long.MAX_VALUE);
        this.batcher = batcher;
        this.inputs = arrival.inputs();
        this.call = arrival.call();
        this.rows = arrival.rows();
        this.group = arrival.group();
        this.start = arrival.start();
        this.waiter = waiter;
        this.future = future;
        if (future != null) {
            future.request = this;
        }
    }

    private static VarHandle field(Class<?> owner, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * A call as it arrives.
     *
     * @param inputs its inputs
     * @param call how it is made
     * @param start when it was made
     * @param rows its rows
     * @param group its shapes, or null
     */
    record Arrival(Map<String, ? extends Datum> inputs, Call call, long start, int rows, RowGroup group) {}

    @Override
    public void due() {
        batcher.endings().withdraw(this, batcher.endings().expired(this));
    }

    /** It ends, since its caller does not want it any more: the action that {@link Cancellation} takes. */
    @Override
    public void run() {
        batcher.endings().withdraw(this, batcher.endings().cancelled());
    }

    void begin(long now) {
        BEGUN.setRelease(this, now == 0 ? 1L : now);
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

    /** It was computed alone. */
    void computed(Outputs own) {
        computed(own, -1, false);
    }

    /**
     * It was computed.
     *
     * @param outputs the outputs of the run
     * @param first its first row in them; less than 0 if all rows are its own
     * @param readLate whether its rows may be copied when they are read
     */
    void computed(Outputs outputs, int first, boolean readLate) {
        together = outputs;
        from = first;
        late = readLate;
        result = Outcome.COMPUTED;
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
        return late && future != null
                ? together.rowsToRead(from, to)
                : batcher.rows().part(together, from, to, inputs);
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

    /** Whether nobody waits for the outputs any more. */
    boolean isGone() {
        return isOver() || future != null && future.isDone();
    }

    /** Whether it has ended, or is about to. */
    boolean isOver() {
        return hasEnded() || isCancelled() || isPastDeadline();
    }

    boolean isCancelled() {
        return call.cancellation() != null && call.cancellation().isCancelled();
    }

    /** Whether its deadline is later than that of another one. */
    boolean endsAfter(Request other) {
        // Times of the clock have no order but that of their differences; no deadline is the latest.
        return other.call.hasDeadline() && (!call.hasDeadline() || at - other.at > 0);
    }

    boolean isPastDeadline() {
        return call.hasDeadline() && isPastDeadline(batcher.now());
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
        return future != null && Outcome.COMPUTED.equals(result) && !call.hasDeadline() && call.cancellation() == null;
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

    /** Is told how a call ended, before its future is complete. */
    @FunctionalInterface
    interface Watcher {
        /**
         * The call ended, but not by its user.
         *
         * @param outputs its outputs, or null
         * @param failure the reason why there are none, or null
         */
        void ended(Outputs outputs, Throwable failure);
    }

    /** A future whose call leaves its batch when its user completes it. */
    static class Pending extends CompletableFuture<Outputs> {
        private static final VarHandle REQUEST = field(Pending.class, "request", Request.class);

        /** Null at the end: whoever keeps the outputs of a call keeps neither its inputs nor the outputs of its mates. */
        private volatile Request request;

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return left(super.cancel(mayInterruptIfRunning));
        }

        @Override
        public boolean complete(Outputs value) {
            return left(super.complete(value));
        }

        @Override
        public boolean completeExceptionally(Throwable failure) {
            return left(super.completeExceptionally(failure));
        }

        private boolean left(boolean completed) {
            Request r = request;
            if (completed && r != null) {
                r.run();
                request = null;
            }
            return completed;
        }

        private boolean end(Request ended) {
            try {
                Outputs outputs = null;
                Throwable failure = ended.outcome().failure();
                try {
                    outputs = failure == null ? ended.outputs() : null;
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                ending(outputs, failure);
                return failure == null ? super.complete(outputs) : super.completeExceptionally(failure);
            } catch (RuntimeException | Error e) {
                return super.completeExceptionally(e);
            } finally {
                REQUEST.setRelease(this, null);
            }
        }

        /** Its call has ended, and it is about to be completed, unless its user has done so. */
        void ending(Outputs outputs, Throwable failure) {
            // Nobody watches it.
        }
    }

    /** A future whose call is watched. It keeps the watcher until its call ends. */
    static final class WatchedPending extends Pending {
        private final AtomicReference<Watcher> watcher;

        WatchedPending(Watcher watcher) {
            this.watcher = new AtomicReference<>(watcher);
        }

        @Override
        void ending(Outputs outputs, Throwable failure) {
            Watcher told = watcher.getAndSet(null);
            if (told == null || isDone()) {
                return;
            }
            try {
                told.ended(outputs, failure);
            } catch (RuntimeException | Error e) {
                // The call has its outcome, which must reach its user.
                LOG.log(System.Logger.Level.ERROR, "the end of a call could not be watched", e);
            }
        }
    }
}
