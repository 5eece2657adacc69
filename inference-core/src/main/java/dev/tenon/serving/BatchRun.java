package dev.tenon.serving;

import dev.tenon.Outputs;
import dev.tenon.batch.JoinMemory;
import dev.tenon.batch.RowComparison;
import dev.tenon.batch.RowGroup;
import dev.tenon.batch.Rows;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.serving.Admission.Learned;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Runs one batch on the thread that leads it. A batch that fails is halved until the calls that fail stand alone; the
 * others get the bits that they would get alone. Requests that nobody waits for any more are left out, and a run ends
 * between two steps when it has no others.
 */
final class BatchRun {
    /** Ends the run: the leading thread was interrupted. */
    static final class LeaderInterruptedException extends Exception {
        private static final long serialVersionUID = 1L;

        LeaderInterruptedException(InterruptedPredictionException cause) {
            super(null, cause, false, false);
        }

        @Override
        public synchronized InterruptedPredictionException getCause() {
            return (InterruptedPredictionException) super.getCause();
        }
    }

    private final Batcher batcher;
    private final RowGroup group;
    /** Requests that have a result but do not know of it yet; results are handed out after the slot is free. */
    private final List<Request> finished;
    /** When the last run of the model ended, comparisons included; or when this one began. */
    private long ended;
    /** The runs of the model that have made results, their rows, and how long they took. */
    private int runs;

    private int rowsRun;
    private long nanosRun;
    /** Why the run has ended early, or null: an interrupt of the leading thread, or a failure that is not of a call. */
    private InterruptedPredictionException interrupted;

    private Throwable broken;

    /** A run of about so many calls of equal shapes, which begins at a time. */
    BatchRun(Batcher batcher, RowGroup group, int calls, long now) {
        this.batcher = batcher;
        this.group = group;
        this.finished = new ArrayList<>(calls);
        this.ended = now;
    }

    /**
     * Runs requests. Those that have no result afterwards are gone, or the run has ended early.
     *
     * @param members the requests
     * @param isLed whether the call of this thread is one of them
     */
    void run(List<Request> members, boolean isLed) {
        try {
            if (isLed) {
                run(members);
            } else {
                runUninterrupted(members);
            }
        } catch (LeaderInterruptedException e) {
            interrupted = e.getCause();
        } catch (RuntimeException | Error e) {
            broken = e;
        }
    }

    /** An interrupt of a thread that no caller of the batch waits on is not meant for them. The thread stays interrupted. */
    private void runUninterrupted(List<Request> members) {
        boolean wasInterrupted = false;
        List<Request> left = members;
        try {
            while (left != null) {
                try {
                    run(left);
                    left = null;
                } catch (LeaderInterruptedException e) {
                    wasInterrupted |= Thread.interrupted();
                    left = withoutResult(members);
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The interrupt of the leading thread that has ended the run, or null. */
    InterruptedPredictionException interrupted() {
        return interrupted;
    }

    /** The failure that has ended the run and is not of a call, or null. */
    Throwable broken() {
        return broken;
    }

    /** When the last run of the model ended, or this one began if there was none. */
    long ended() {
        return ended;
    }

    private void run(List<Request> members) throws LeaderInterruptedException {
        boolean anyGone = false;
        for (Request r : members) {
            if (!r.hasBegun()) {
                r.begin(ended);
            }
            anyGone |= r.isGone();
        }
        List<Request> live = members;
        if (anyGone) {
            live = new ArrayList<>(members);
            live.removeIf(Request::isGone);
        }
        if (live.size() == 1) {
            alone(live.getFirst());
        } else if (!live.isEmpty()) {
            together(live);
        }
    }

    /** The requests that have no result yet, and have not ended. */
    private static List<Request> withoutResult(List<Request> members) {
        List<Request> rest = new ArrayList<>(members);
        rest.removeIf(r -> r.result != null || r.hasEnded());
        return rest;
    }

    /** The requests that are to wait again, since the leading thread was interrupted. */
    List<Request> again(List<Request> members, Request leader) {
        if (interrupted == null) {
            return List.of();
        }
        List<Request> again = withoutResult(members);
        again.remove(leader);
        return again;
    }

    /** Whether actions depend on results that are to be handed out. */
    boolean hasDependents() {
        for (Request r : finished) {
            if (r.hasDependents()) {
                return true;
            }
        }
        return false;
    }

    /** Hands the results out. Returns whether actions that depend on them have begun; null if there are none. */
    AtomicBoolean handOut() {
        if (finished.isEmpty()) {
            return null;
        }
        AtomicBoolean actions = batcher.endings().handOut(finished, ended);
        finished.clear();
        return actions;
    }

    /**
     * The time and rows of the runs, or null if there were none. The time of comparisons is not a part of it, nor is that of
     * runs that failed.
     */
    Learned learned() {
        return runs == 0 ? null : new Learned(runs == 1 ? group : null, Math.max(1, rowsRun), nanosRun);
    }

    private Outputs timed(Map<String, ? extends Datum> inputs, int rows, long begin, BooleanSupplier stop) {
        Outputs outputs = batcher.engine().run(inputs, stop);
        ended = batcher.now();
        nanosRun += ended - begin;
        rowsRun += rows;
        runs++;
        return outputs;
    }

    private static boolean isInterrupted(Throwable e) {
        return e instanceof InterruptedPredictionException
                && Thread.currentThread().isInterrupted();
    }

    private void alone(Request r) throws LeaderInterruptedException {
        try {
            r.computed(timed(r.inputs, r.rows, batcher.now(), r::isGone));
            finished.add(r);
        } catch (RuntimeException | Error e) {
            ended = batcher.now();
            if (isInterrupted(e)) {
                throw new LeaderInterruptedException((InterruptedPredictionException) e);
            }
            if (!(e instanceof InterruptedPredictionException && r.isGone())) {
                r.result = Outcome.broken(batcher.name(), e);
                finished.add(r);
            }
        }
    }

    private void together(List<Request> live) throws LeaderInterruptedException {
        if (group == null || group.isRefused()) {
            eachAlone(live);
            return;
        }
        List<Map<String, ? extends Datum>> calls = new ArrayList<>(live.size());
        int rows = 0;
        boolean proven = true;
        for (Request r : live) {
            calls.add(r.inputs);
            rows += r.rows;
            proven &= r.rows == 1 || group.isProven(r.rows);
        }
        Outputs together = null;
        boolean equal = false;
        JoinMemory memory = batcher.takeMemory();
        try {
            Map<String, Tensor> joined = batcher.rows().join(calls, memory);
            together = timed(joined, rows, batcher.now(), () -> areGone(live));
            equal = hasRows(together, rows)
                    && (proven && group.isProven(rows) || compare(live, joined, together, rows));
        } catch (RuntimeException | Error e) {
            ended = batcher.now();
            if (isInterrupted(e)) {
                throw new LeaderInterruptedException((InterruptedPredictionException) e);
            }
            together = null;
        } finally {
            batcher.giveBack(memory);
        }
        if (together == null) {
            halve(live);
            return;
        }
        if (!equal) {
            eachAlone(live);
            return;
        }
        boolean late = batcher.rows().areReadLate(together);
        int at = 0;
        for (Request r : live) {
            r.computed(together, at, late);
            finished.add(r);
            at += r.rows;
        }
    }

    /**
     * Whether outputs have one row for each row of the inputs. If not, the values decide how many rows there are, nobody
     * knows whose they are, and calls of this shape are never merged again.
     */
    private boolean hasRows(Outputs outputs, int rows) {
        boolean has = Rows.have(outputs, rows);
        if (!has) {
            group.refuse();
        }
        return has;
    }

    private void eachAlone(List<Request> live) throws LeaderInterruptedException {
        for (Request r : live) {
            run(List.of(r));
            handOut();
        }
    }

    private void halve(List<Request> live) throws LeaderInterruptedException {
        if (areGone(live)) {
            return;
        }
        batcher.reports().halvings.increment();
        int half = live.size() / 2;
        run(live.subList(0, half));
        handOut();
        run(live.subList(half, live.size()));
        handOut();
    }

    private static boolean areGone(List<Request> members) {
        for (Request r : members) {
            if (!r.isGone()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Computes each row of a batch once more alone, and each call with several rows. If all bits are equal, this number
     * of rows is proven; if not, calls of this shape are never merged again.
     */
    private boolean compare(List<Request> live, Map<String, Tensor> joined, Outputs together, int rows) {
        batcher.reports().checkedRuns.increment();
        for (int i = 0; i < rows; i++) {
            Outputs single = batcher.engine().run(batcher.rows().slice(joined, i, i + 1), () -> areGone(live));
            if (!hasRows(single, 1)) {
                return false;
            }
            if (!RowComparison.equal(together, i, single)) {
                group.refuse();
                return false;
            }
        }
        int at = 0;
        for (Request r : live) {
            if (!group.isProven(r.rows)) {
                Outputs own = batcher.engine().run(r.inputs, () -> areGone(live));
                if (!hasRows(own, r.rows)) {
                    return false;
                }
                if (!RowComparison.equal(together, at, own)) {
                    group.refuse();
                    return false;
                }
                group.prove(r.rows);
            }
            at += r.rows;
        }
        group.prove(rows);
        ended = batcher.now();
        return true;
    }
}
