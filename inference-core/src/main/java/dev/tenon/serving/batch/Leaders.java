package dev.tenon.serving.batch;

import dev.tenon.serving.run.BatchRun;
import dev.tenon.serving.run.Reports;
import dev.tenon.serving.run.Runner;
import dev.tenon.serving.threads.Tasks;
import java.util.List;
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

    private final Admission admission;
    private final Endings endings;
    private final Reports reports;
    private final Runner<Request> runner;
    private final Tasks tasks;

    Leaders(Admission admission, Endings endings, Reports reports, Runner<Request> runner, Tasks tasks) {
        this.admission = admission;
        this.endings = endings;
        this.reports = reports;
        this.runner = runner;
        this.tasks = tasks;
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
            Request leader = batch.chooseLeader();
            if (leader == null) {
                tasks.execute(() -> goOn(batch, new Turn(true, endings.now() + EXECUTOR_NANOS)));
            } else {
                LockSupport.unpark(leader.waiter);
            }
        } catch (RuntimeException | Error e) {
            giveUp(batch, e);
        }
    }

    /** Ends the calls of a batch that have not ended, frees its slot if it is not free yet, and starts what waits for it. */
    private void giveUp(Batch batch, Throwable failure) {
        endings.endAll(batch.members(), failure);
        start(admission.release(batch));
        reports.broken(failure);
    }

    /** Runs a batch on the thread of one of its callers. */
    void lead(Batch batch, Request leader) {
        Turn turn = ofCaller(endings.now());
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
            BatchRun<Request> run = runner.run(batch.members(), batch.group(), leader != null);
            released = admission.release(batch, run.time(), run.again(leader), run.ended());
            // Tasks of an executor run in turn: actions that wait for its thread come before the batch that follows.
            boolean actionsFirst = turn.onExecutor && haveDependents(run.finished());
            boolean goesOn = !turn.isAwaited();
            if (!actionsFirst) {
                List<Batch> others = released;
                released = List.of();
                next = startOthers(others, turn, goesOn, run.ended());
            }
            turn.await(endings.end(batch, run, leader));
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

    private static boolean haveDependents(List<Request> finished) {
        for (Request r : finished) {
            if (r.hasDependents()) {
                return true;
            }
        }
        return false;
    }
}
