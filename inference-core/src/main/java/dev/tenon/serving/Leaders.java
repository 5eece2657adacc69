package dev.tenon.serving;

import dev.tenon.batch.Deadlines;
import dev.tenon.batch.Timed;
import dev.tenon.serving.Request.Batch;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds a thread for each batch, and runs it there: a caller with a call in it, a thread of the executor, or the thread
 * that has just ended a run. To wake a thread takes longer than a short batch, so a thread that is awake goes on with
 * short ones for a while.
 */
final class Leaders {
    /** The leader of a batch is woken only if the batch is expected to take longer than this. */
    private static final long SHORT_NANOS = 20_000;
    /** How long a caller that has its outputs may go on with batches of others. */
    private static final long CALLER_NANOS = 40_000;
    /** How long a thread of the executor may go on before it lets other tasks of the executor run. */
    private static final long EXECUTOR_NANOS = 1_000_000;

    /** How long an executor may take to begin a task before the task gets a thread of its own. */
    private static final long DROPPED_NANOS = 1_000_000_000;

    private static final System.Logger LOG = System.getLogger("dev.tenon");

    private final Batcher batcher;
    private final Admission admission;
    private final Executor executor;
    /** Null if the executor runs all that it gets. */
    private final Deadlines watch;

    Leaders(Batcher batcher, Admission admission, Deadlines deadlines) {
        this.batcher = batcher;
        this.admission = admission;
        this.executor = batcher.options().executor();
        this.watch = batcher.options().hasOwnExecutor() ? deadlines : null;
    }

    /**
     * A task that an executor got. It runs once, whatever the executor does: an executor may run a task although it has
     * thrown, run it twice, or drop it.
     */
    private static final class Task extends Timed implements Runnable {
        private final Runnable work;
        private final Deadlines watch;
        private final AtomicBoolean begun = new AtomicBoolean();

        private Task(Runnable work, Deadlines watch) {
            super(watch == null ? 0 : watch.now() + DROPPED_NANOS);
            this.work = work;
            this.watch = watch;
        }

        @Override
        public void run() {
            if (begun.compareAndSet(false, true)) {
                if (watch != null) {
                    watch.remove(this);
                }
                work.run();
            }
        }

        @Override
        public void due() {
            runOnOwnThread();
        }

        private void runOnOwnThread() {
            Thread.ofVirtual().name("tenon-batch").start(this);
        }
    }

    /** How long a thread goes on with batches of others. */
    static final class Turn {
        private final boolean onExecutor;
        private final long until;
        /** Whether the actions have begun that were given to the executor last; null if there were none. */
        private AtomicBoolean actions;

        private Turn(boolean onExecutor, long until) {
            this.onExecutor = onExecutor;
            this.until = until;
        }

        private boolean isOver(long now) {
            return now - until >= 0;
        }

        /** Whether a thread that is awake runs a batch rather than another one. */
        private boolean takes(Batch batch) {
            return batch.isShorterThan(SHORT_NANOS) || onExecutor && !isAwaited() && !batch.hasWaiter();
        }

        /** Actions were given to the executor; none if null. */
        private void await(AtomicBoolean begun) {
            actions = onExecutor && begun != null ? begun : actions;
        }

        /** Whether actions wait: this may be the only thread that could run them. */
        private boolean isAwaited() {
            return actions != null && !actions.get();
        }
    }

    /** A turn of the thread of a caller that got its outputs at a time. */
    static Turn ofCaller(long now) {
        return new Turn(false, now + CALLER_NANOS);
    }

    /** Starts batches on other threads. */
    void start(List<Batch> batches) {
        for (Batch batch : batches) {
            start(batch);
        }
    }

    /** Starts a batch on another thread. If there is none to be had, its calls end. */
    private void start(Batch batch) {
        try {
            if (!wakeLeader(batch)) {
                execute(() -> goOn(batch, new Turn(true, batcher.now() + EXECUTOR_NANOS)));
            }
        } catch (RuntimeException | Error e) {
            giveUp(batch, e);
        }
    }

    /**
     * Ends the calls of a batch that have not ended, frees its slot if it is not free yet, and starts what waits for it. Callers
     * that had their outputs before do not hear of the failure, so it is logged.
     */
    private void giveUp(Batch batch, Throwable failure) {
        batcher.endings().endAll(batch.members(), failure);
        start(admission.release(batch));
        LOG.log(
                System.Logger.Level.ERROR,
                () -> "a batch of '" + batcher.name() + "' failed outside of the model",
                failure);
    }

    /**
     * Runs a task on the executor. If it is shut down or fails, or has not begun the task for long, the task gets a thread
     * of its own: this one may have a caller that has its outputs, or may be that of the deadlines.
     */
    void execute(Runnable work) {
        Task task = new Task(work, watch);
        if (watch != null) {
            watch.add(task);
        }
        try {
            executor.execute(task);
        } catch (RuntimeException | Error e) {
            task.runOnOwnThread();
        }
    }

    /** Runs a batch on the thread of one of its callers. */
    void lead(Batch batch, Request leader) {
        Turn turn = ofCaller(batcher.now());
        goOn(run(batch, leader, turn), turn);
    }

    /** Runs a batch that no caller leads, and those after it that need not be started elsewhere. The batch may be null. */
    void goOn(Batch first, Turn turn) {
        Batch batch = first;
        while (batch != null) {
            batch = run(batch, null, turn);
        }
    }

    /**
     * Starts batches on other threads, except for one that this thread is to run next; returns this one, or null.
     *
     * @param batches the batches, each in a slot of its own
     * @param turn how long this thread goes on
     * @param mayGoOn whether this thread may run one
     * @param now the time
     */
    Batch startOthers(List<Batch> batches, Turn turn, boolean mayGoOn, long now) {
        if (batches.isEmpty()) {
            return null;
        }
        boolean goesOn = mayGoOn && !turn.isOver(now) && !Thread.currentThread().isInterrupted();
        Batch own = null;
        for (Batch batch : batches) {
            if (goesOn && own == null && turn.takes(batch)) {
                own = batch;
            } else {
                start(batch);
            }
        }
        return own;
    }

    /** Makes the waiting thread with the latest deadline the leader of a batch. Returns false if no thread waits. */
    private static boolean wakeLeader(Batch batch) {
        while (true) {
            Request latest = null;
            for (Request r : batch.members()) {
                if (r.waiter != null && !r.hasEnded() && (latest == null || r.endsAfter(latest))) {
                    latest = r;
                }
            }
            if (latest == null) {
                return false;
            }
            if (latest.lead(batch)) {
                LockSupport.unpark(latest.waiter);
                return true;
            }
        }
    }

    /**
     * Runs a batch on this thread, frees its slot, and starts others. Whatever fails, none of its calls waits for ever.
     *
     * @param leader the call of this thread, or null if no caller leads
     * @param turn how long this thread goes on
     * @return the batch that this thread is to run next, or null
     */
    private Batch run(Batch batch, Request leader, Turn turn) {
        List<Batch> released = List.of();
        Batch next = null;
        try {
            long begin = batcher.now();
            BatchRun run = new BatchRun(batcher, batch.group(), batch.members().size(), begin);
            run.run(batch.members(), leader != null);
            released = admission.release(batch, run.learned(), run.again(batch.members(), leader), run.ended());
            // Tasks of an executor run in turn: actions that wait for its thread come before the batch that follows.
            boolean actionsFirst = turn.onExecutor && run.hasDependents();
            boolean goesOn = !turn.isAwaited();
            if (!actionsFirst) {
                List<Batch> others = released;
                released = List.of();
                next = startOthers(others, turn, goesOn, run.ended());
            }
            turn.await(run.handOut());
            endOthers(run, batch, leader);
            batcher.reports().run(batch.members().size(), batch.rows(), run.ended() - begin, admission);
            return actionsFirst ? startOthers(released, turn, goesOn, run.ended()) : next;
        } catch (RuntimeException | Error e) {
            if (next != null) {
                start(next);
            }
            start(released);
            giveUp(batch, e);
            return null;
        }
    }

    /** Ends the calls that have no result: the leader, and all of them if the batch has failed as a whole. */
    private void endOthers(BatchRun run, Batch batch, Request leader) {
        Endings endings = batcher.endings();
        endings.failed(batch.members(), run.broken());
        if (leader != null && leader.isLeading()) {
            Outcome outcome;
            if (run.interrupted() != null) {
                outcome = Outcome.cancelled(run.interrupted());
            } else {
                outcome = leader.isCancelled() ? endings.cancelled() : endings.expired(leader);
            }
            endings.end(leader, outcome);
        }
    }
}
