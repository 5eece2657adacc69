package dev.tenon.serving;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.serving.Admission.Learned;
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
    static final long CALLER_NANOS = 40_000;
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

    /** Starts batches on other threads. */
    void start(List<Batch> batches) {
        for (Batch batch : batches) {
            if (!wakeLeader(batch)) {
                AtomicBoolean begun = new AtomicBoolean();
                execute(() -> {
                    // An executor may run a task although it has thrown.
                    if (begun.compareAndSet(false, true)) {
                        goOn(batch, batcher.now() + EXECUTOR_NANOS, true);
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
        long until = batcher.now() + CALLER_NANOS;
        goOn(run(batch, leader, until, false), until, false);
    }

    /** Runs a batch that no caller leads, and those after it that need not be started elsewhere. The batch may be null. */
    void goOn(Batch first, long until, boolean onExecutor) {
        Batch batch = first;
        while (batch != null) {
            batch = run(batch, null, until, onExecutor);
        }
    }

    /** Starts batches on other threads, except for one that this thread is to run next; returns this one, or null. */
    Batch startOthers(List<Batch> batches, long until, boolean onExecutor) {
        if (batches.isEmpty()) {
            return null;
        }
        Batch own = null;
        List<Batch> others = new ArrayList<>(batches);
        if (batcher.now() - until < 0 && !Thread.currentThread().isInterrupted()) {
            for (Batch batch : batches) {
                if (own == null && (batch.isShorterThan(SHORT_NANOS) || onExecutor && !batch.hasWaiter())) {
                    own = batch;
                    others.remove(batch);
                }
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
     * @param until when this thread stops running batches
     * @param onExecutor whether this is a thread of the executor
     * @return the batch that this thread is to run next, or null
     */
    private Batch run(Batch batch, Request leader, long until, boolean onExecutor) {
        BatchRun run = new BatchRun(batcher, batch.group());
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
        int rows = batch.rows();
        List<Request> rest = BatchRun.withoutResult(batch.members());
        if (leader != null && !rest.isEmpty()) {
            rest.remove(leader);
        }
        boolean complete = broken == null && interrupted == null && areDone(batch);
        Learned learned = complete ? new Learned(batch.group(), rows, nanos) : null;
        Batch next = startOthers(admission.release(learned, interrupted == null ? List.of() : rest), until, onExecutor);
        boolean told = false;
        try {
            run.handOut();
            for (Request r : broken == null ? List.<Request>of() : rest) {
                batcher.end(r, Outcome.failed(broken));
            }
            if (leader != null && leader.isLeading()) {
                batcher.end(leader, leftOver(leader, interrupted, broken));
            }
            batcher.reports().run(batch.members().size(), rows, nanos, admission);
            told = true;
        } finally {
            if (!told && next != null) {
                start(List.of(next));
            }
        }
        return next;
    }

    /** Whether all calls of a batch were computed, so that its time is that of all their rows. */
    private static boolean areDone(Batch batch) {
        for (Request r : batch.members()) {
            if (r.result == null || r.result.kind() != PredictionListener.Outcome.DONE) {
                return false;
            }
        }
        return true;
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
