package dev.tenon.serving.batch;

import dev.tenon.serving.DeadlineExceededException.Phase;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.run.BatchRun;
import dev.tenon.serving.run.Outcome;
import dev.tenon.serving.run.Reports;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.serving.threads.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Ends calls: hands outcomes over, wakes who waits for them, and reports it. Safe for any number of threads. */
final class Endings implements Request.Owner {
    private final String name;
    private final Admission admission;
    private final Reports reports;
    private final Deadlines deadlines;
    /** Runs actions that depend on futures. */
    private final Tasks tasks;

    /** Endings of the calls of a model. */
    Endings(String name, Admission admission, Reports reports, Deadlines deadlines, Tasks tasks) {
        this.name = name;
        this.admission = admission;
        this.reports = reports;
        this.deadlines = deadlines;
        this.tasks = tasks;
    }

    @Override
    public long now() {
        return deadlines.now();
    }

    @Override
    public void expire(Request r) {
        withdraw(r, expired(r));
    }

    @Override
    public void cancel(Request r) {
        withdraw(r, Outcome.cancelled(name));
    }

    /** Its thread was interrupted while it waited. */
    void interrupt(Request r) {
        withdraw(r, Outcome.interrupted(name));
    }

    /** Lets the deadline and the cancellation of a request end it. */
    void watch(Request r) {
        if (r.call.hasDeadline()) {
            deadlines.add(r);
        }
        r.call.whenCancelled(r);
        if (r.hasEnded()) {
            forget(r);
        }
    }

    private void forget(Request r) {
        if (r.call.hasDeadline()) {
            deadlines.remove(r);
        }
        r.call.forget(r);
    }

    void refuse(Request r, String reason) {
        OverloadedException failure = new OverloadedException(
                name,
                reason,
                "at most " + admission.mostRows() + " rows, and calls that can end before their deadline",
                "call again later, or with fewer calls at a time");
        if (r.end(Outcome.refused(failure))) {
            forget(r);
            reports.reject(r.call.lane(), reason);
            wake(List.of(r), Request::wake);
        }
    }

    /** Ends a request: pending, or leading on this thread. */
    void end(Request r, Outcome outcome) {
        long now = deadlines.now();
        Outcome last = endQuietly(r, outcome, now);
        if (last != null) {
            report(r, last, now);
            wake(List.of(r), Request::wake);
        }
    }

    /**
     * Ends requests with their results, which were there at a time. Returns whether actions that depend on them have begun;
     * null if there are none. Those that are done are counted before anybody hears of it; listeners hear of a call that its
     * future decides when the future has.
     */
    AtomicBoolean handOut(List<Request> finished, long now) {
        boolean tells = reports.tellsOfCalls();
        int done = 0;
        int doneRows = 0;
        int ended = 0;
        for (Request r : finished) {
            boolean decided = !r.isDecidedByFuture();
            Outcome last = decided ? endQuietly(r, r.result, now) : r.result;
            if (last == null) {
                continue;
            }
            finished.set(ended++, r);
            if (decided && tells || last.kind() != PredictionListener.Outcome.DONE) {
                report(r, last, now);
            } else {
                done++;
                doneRows += r.rows;
            }
        }
        if (done > 0) {
            reports.done(done, doneRows);
        }
        return wake(finished.subList(0, ended), r -> answer(r, now));
    }

    /**
     * Ends the requests of a batch that has run, and reports it: first those with results, then the others if the run has
     * failed as a whole, and the leader.
     *
     * @param batch the batch
     * @param run its run
     * @param leader the request of this thread, or null
     * @return whether actions that depend on results have begun; null if there are none
     */
    AtomicBoolean end(Batch batch, BatchRun<Request> run, Request leader) {
        AtomicBoolean actions = handOut(run.finished(), run.ended());
        if (run.broken() != null) {
            Outcome outcome = Outcome.broken(name, run.broken());
            for (Request r : batch.members()) {
                if (r.isOpen()) {
                    end(r, outcome);
                }
            }
        }
        if (leader != null && leader.isLeading()) {
            end(leader, withoutResult(leader, run));
        }
        reports.run(batch.members().size(), batch.rows(), run.nanos());
        return actions;
    }

    /** Why a leader has no result. */
    private Outcome withoutResult(Request leader, BatchRun<Request> run) {
        if (run.interrupted() != null) {
            return Outcome.cancelled(run.interrupted());
        }
        return leader.call.isCancelled() ? Outcome.cancelled(name) : expired(leader);
    }

    /**
     * Ends requests of a batch that failed as a whole, or could not be handed out, and wakes all of them: a request may
     * have ended without that. Those with a result get it. Needs no memory.
     */
    void endAll(List<Request> members, Throwable failure) {
        Outcome broken = Outcome.broken(name, failure);
        int failed = 0;
        for (int i = 0; i < members.size(); i++) {
            Request r = members.get(i);
            Outcome outcome = r.result == null ? broken : r.result;
            if (!r.hasEnded()) {
                failed += outcome.failure() == null ? 0 : 1;
                if (r.isLeading()) {
                    r.endLeading(outcome);
                } else {
                    r.end(outcome);
                }
                forget(r);
            }
            r.wake();
        }
        reports.failed(failed);
    }

    /** Ends a request, and does not wake who waits for it. Returns how it ended, or null if it has ended before. */
    private Outcome endQuietly(Request r, Outcome outcome, long now) {
        boolean late = outcome.kind() == PredictionListener.Outcome.DONE && r.isPastDeadline(now);
        Outcome last = late ? expired(r) : outcome;
        if (r.isLeading()) {
            r.endLeading(last);
        } else if (!r.end(last)) {
            return null;
        }
        forget(r);
        return last;
    }

    /** Ends a request that waits, or whose batch runs on another thread. */
    void withdraw(Request r, Outcome outcome) {
        if (admission.withdraw(r, outcome)) {
            forget(r);
            report(r, outcome, deadlines.now());
            wake(List.of(r), Request::wake);
        }
    }

    private void report(Request r, Outcome outcome, long now) {
        reports.count(r.rows, outcome.kind());
        tell(r, outcome, now);
    }

    /** Tells of a call that was counted. */
    private void tell(Request r, Outcome outcome, long now) {
        long begun = r.hasBegun() ? r.begun() : now;
        reports.tell(r.call.lane(), r.rows, begun - r.start, now - begun, outcome.kind());
    }

    /**
     * Hands outcomes over. Actions that depend on futures by now do not run on the thread of a caller, but on the executor.
     * Returns whether they have begun; null if there are none.
     */
    private AtomicBoolean wake(List<Request> ended, Consumer<Request> handOver) {
        List<Request> later = List.of();
        for (Request r : ended) {
            if (r.hasDependents()) {
                later = later.isEmpty() ? new ArrayList<>() : later;
                later.add(r);
            } else {
                handOver.accept(r);
            }
        }
        if (later.isEmpty()) {
            return null;
        }
        List<Request> dependent = later;
        AtomicBoolean begun = new AtomicBoolean();
        tasks.execute(() -> {
            begun.setRelease(true);
            dependent.forEach(handOver);
        });
        return begun;
    }

    /** Hands the outputs of a request over that was computed at a time, which counts as done. */
    private void answer(Request r, long computed) {
        boolean decides = r.isDecidedByFuture() && !r.hasEnded();
        if (r.wake()) {
            if (decides && reports.tellsOfCalls()) {
                tell(r, r.result, computed);
            }
        } else {
            // Its user completed the future just before: that ended the call, and it may be that nobody knows of it.
            reports.done(-1, -r.rows);
            Outcome outcome = Outcome.cancelled(name);
            if (r.end(outcome)) {
                report(r, outcome, deadlines.now());
            }
        }
    }

    private Outcome expired(Request r) {
        return Outcome.expired(name, r.hasBegun() ? Phase.RUNNING : Phase.QUEUED, r.call.nanos());
    }
}
