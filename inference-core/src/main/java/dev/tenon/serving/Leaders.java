package dev.tenon.serving;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.serving.Request.Batch;
import java.util.ArrayList;
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

    private final Batcher batcher;
    private final Admission admission;
    private final Executor executor;

    Leaders(Batcher batcher, Admission admission, Executor executor) {
        this.batcher = batcher;
        this.admission = admission;
        this.executor = executor;
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
            if (!wakeLeader(batch)) {
                AtomicBoolean begun = new AtomicBoolean();
                execute(() -> {
                    // An executor may run a task although it has thrown.
                    if (begun.compareAndSet(false, true)) {
                        goOn(batch, new Turn(true, batcher.now() + EXECUTOR_NANOS));
                    }
                });
            }
        }
    }

    /**
     * Runs a task on the executor. If it is shut down or fails, the task gets a thread of its own: this one may have a
     * caller that has its outputs, or may be that of the deadlines.
     */
    void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RuntimeException | Error e) {
            Thread.ofVirtual().name("tenon-batch").start(task);
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

    /** Starts batches on other threads, except for one that this thread is to run next; returns this one, or null. */
    Batch startOthers(List<Batch> batches, Turn turn, boolean mayGoOn) {
        if (batches.isEmpty()) {
            return null;
        }
        boolean goesOn = mayGoOn
                && !turn.isOver(batcher.now())
                && !Thread.currentThread().isInterrupted();
        Batch own = null;
        List<Batch> others = new ArrayList<>(batches.size());
        for (Batch batch : batches) {
            if (goesOn && own == null && turn.takes(batch)) {
                own = batch;
            } else {
                others.add(batch);
            }
        }
        start(others);
        return own;
    }

    /** Makes the waiting thread with the latest deadline the leader of a batch. */
    private static boolean wakeLeader(Batch batch) {
        List<Request> waiting = new ArrayList<>(batch.members());
        waiting.removeIf(r -> r.waiter == null);
        // Times of the clock have no order but that of their differences; no deadline is the latest.
        waiting.sort((a, b) -> a.call.hasDeadline() && b.call.hasDeadline()
                ? Long.signum(b.at - a.at)
                : Boolean.compare(a.call.hasDeadline(), b.call.hasDeadline()));
        for (Request r : waiting) {
            if (r.lead(batch)) {
                LockSupport.unpark(r.waiter);
                return true;
            }
        }
        return false;
    }

    /**
     * Runs a batch on this thread, frees its slot, and starts others.
     *
     * @param leader the call of this thread, or null if no caller leads
     * @param turn how long this thread goes on
     * @return the batch that this thread is to run next, or null
     */
    private Batch run(Batch batch, Request leader, Turn turn) {
        BatchRun run = new BatchRun(batcher, batch.group(), batch.members().size());
        Throwable broken = null;
        InterruptedPredictionException interrupted = null;
        long begin = batcher.now();
        try {
            if (leader == null) {
                runUninterrupted(run, batch);
            } else {
                run.run(batch.members());
            }
        } catch (BatchRun.LeaderInterruptedException e) {
            interrupted = e.getCause();
        } catch (RuntimeException | Error e) {
            broken = e;
        }
        long nanos = batcher.now() - begin;
        List<Request> rest = BatchRun.withoutResult(batch.members());
        if (leader != null && !rest.isEmpty()) {
            rest.remove(leader);
        }
        List<Batch> released = admission.release(run.learned(), interrupted == null ? List.of() : rest);
        // Tasks of an executor run in turn: actions that wait for its thread come before the batch that follows.
        boolean actionsFirst = turn.onExecutor && run.hasDependents();
        boolean goesOn = !turn.isAwaited();
        Batch next = actionsFirst ? null : startOthers(released, turn, goesOn);
        boolean told = false;
        try {
            turn.await(run.handOut());
            for (Request r : broken == null ? List.<Request>of() : rest) {
                batcher.end(r, Outcome.failed(broken));
            }
            if (leader != null && leader.isLeading()) {
                batcher.end(leader, leftOver(leader, interrupted, broken));
            }
            batcher.reports().run(batch.members().size(), batch.rows(), nanos, admission);
            told = true;
        } finally {
            if (!told) {
                start(actionsFirst ? released : next == null ? List.of() : List.of(next));
            }
        }
        return actionsFirst ? startOthers(released, turn, goesOn) : next;
    }

    /** An interrupt of a thread that no caller of the batch waits on is not meant for them. The thread stays interrupted. */
    private static void runUninterrupted(BatchRun run, Batch batch) {
        boolean interrupted = false;
        boolean ended = false;
        List<Request> left = batch.members();
        try {
            while (!ended) {
                try {
                    run.run(left);
                    ended = true;
                } catch (BatchRun.LeaderInterruptedException e) {
                    interrupted |= Thread.interrupted();
                    left = BatchRun.withoutResult(batch.members());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Why a leader has no result. */
    private Outcome leftOver(Request leader, InterruptedPredictionException interrupted, Throwable broken) {
        if (interrupted != null) {
            return Outcome.cancelled(interrupted);
        }
        if (broken != null) {
            return Outcome.failed(broken);
        }
        return leader.isCancelled() ? batcher.cancelled() : batcher.expired(leader);
    }
}
