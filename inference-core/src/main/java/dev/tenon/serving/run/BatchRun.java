package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The run of one batch on the thread that leads it. A batch that fails is halved until the calls that fail stand alone; the
 * others get the bits that they would get alone. Calls that nobody waits for any more are left out, and a run ends
 * between two steps when it has no others. For one thread.
 *
 * @param <M> the calls
 */
public final class BatchRun<M extends Member> {
    /** Ends the run: the leading thread was interrupted. */
    private static final class LeaderInterruptedException extends Exception {
        private static final long serialVersionUID = 1L;

        private LeaderInterruptedException(InterruptedPredictionException cause) {
            super(null, cause, false, false);
        }

        @Override
        public synchronized InterruptedPredictionException getCause() {
            return (InterruptedPredictionException) super.getCause();
        }
    }

    private final Runner<M> runner;
    private final List<M> members;
    private final RowGroup group;
    /** Calls that have a result but do not know of it yet; results are handed out after the slot is free. */
    private final List<M> finished;

    private final long began;
    /** When the last run of the model ended, comparisons included; or when this one began. */
    private long ended;
    /** The runs of the model that have made results, their rows, and how long they took. */
    private int runs;

    private int rowsRun;
    private long nanosRun;
    /** Why the run has ended early, or null: an interrupt of the leading thread, or a failure that is not of a call. */
    private InterruptedPredictionException interrupted;

    private Throwable broken;

    /** A run that begins now. */
    BatchRun(Runner<M> runner, List<M> members, RowGroup group) {
        this.runner = runner;
        this.members = members;
        this.group = group;
        this.finished = new ArrayList<>(members.size());
        this.began = runner.clock.getAsLong();
        this.ended = began;
    }

    /** Runs the calls, one of which may be the one of this thread. */
    void run(boolean isLed) {
        try {
            if (isLed) {
                run(members);
            } else {
                runUninterrupted();
            }
        } catch (LeaderInterruptedException e) {
            interrupted = e.getCause();
        } catch (RuntimeException | Error e) {
            broken = e;
        }
    }

    /** An interrupt of a thread that no caller of the batch waits on is not meant for them. The thread stays interrupted. */
    private void runUninterrupted() {
        boolean wasInterrupted = false;
        List<M> left = members;
        try {
            while (left != null) {
                try {
                    run(left);
                    left = null;
                } catch (LeaderInterruptedException e) {
                    wasInterrupted |= Thread.interrupted();
                    left = open();
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** {@return the interrupt of the leading thread that has ended the run, or null} */
    public InterruptedPredictionException interrupted() {
        return interrupted;
    }

    /** {@return the failure that has ended the run and is not of a call, or null} */
    public Throwable broken() {
        return broken;
    }

    /** {@return when the last run of the model ended, or this one began if there was none} */
    public long ended() {
        return ended;
    }

    /** {@return how long it took} */
    public long nanos() {
        return ended - began;
    }

    /** {@return the calls with results that were not handed out yet} */
    public List<M> finished() {
        return finished;
    }

    private void run(List<M> some) throws LeaderInterruptedException {
        boolean anyGone = false;
        for (M call : some) {
            call.begin(ended);
            anyGone |= call.isGone();
        }
        List<M> live = some;
        if (anyGone) {
            live = new ArrayList<>(some);
            live.removeIf(Member::isGone);
        }
        if (live.size() == 1) {
            alone(live.getFirst());
        } else if (!live.isEmpty()) {
            together(live);
        }
    }

    private List<M> open() {
        List<M> rest = new ArrayList<>(members);
        rest.removeIf(call -> !call.isOpen());
        return rest;
    }

    /**
     * The calls that are to wait again, since the leading thread was interrupted.
     *
     * @param leader the call of this thread, or null
     * @return the open calls of others
     */
    public List<M> again(M leader) {
        if (interrupted == null) {
            return List.of();
        }
        List<M> again = open();
        again.remove(leader);
        return again;
    }

    private void handOut() {
        if (!finished.isEmpty()) {
            runner.results.accept(finished, ended);
            finished.clear();
        }
    }

    /** {@return the time of the runs that did not fail, or null if there were none} */
    public RunTime time() {
        return runs == 0 ? null : new RunTime(runs == 1 ? group : null, Math.max(1, rowsRun), nanosRun);
    }

    private long now() {
        return runner.clock.getAsLong();
    }

    private Outputs timed(Map<String, ? extends Datum> inputs, int rows, long begin, BooleanSupplier stop) {
        Outputs outputs = runner.engine.run(inputs, stop);
        ended = now();
        nanosRun += ended - begin;
        rowsRun += rows;
        runs++;
        return outputs;
    }

    private static boolean isInterrupted(Throwable e) {
        return e instanceof InterruptedPredictionException
                && Thread.currentThread().isInterrupted();
    }

    private void alone(M call) throws LeaderInterruptedException {
        try {
            call.computed(timed(call.inputs(), call.rows(), now(), call::isGone), -1, false);
            finished.add(call);
        } catch (RuntimeException | Error e) {
            ended = now();
            if (isInterrupted(e)) {
                throw new LeaderInterruptedException((InterruptedPredictionException) e);
            }
            if (!(e instanceof InterruptedPredictionException && call.isGone())) {
                call.failed(Outcome.broken(runner.name, e));
                finished.add(call);
            }
        }
    }

    private void together(List<M> live) throws LeaderInterruptedException {
        if (group == null || group.isRefused()) {
            eachAlone(live);
            return;
        }
        List<Map<String, ? extends Datum>> calls = new ArrayList<>(live.size());
        int rows = 0;
        boolean proven = true;
        for (M call : live) {
            calls.add(call.inputs());
            rows += call.rows();
            proven &= call.rows() == 1 || group.isProven(call.rows());
        }
        Outputs together = null;
        boolean equal = false;
        JoinMemory memory = runner.memories.poll();
        memory = memory == null ? new JoinMemory() : memory;
        try {
            Map<String, Tensor> joined = group.rows.join(calls, memory);
            together = timed(joined, rows, now(), () -> areGone(live));
            equal = hasRows(together, rows)
                    && (proven && group.isProven(rows) || compare(live, joined, together, rows));
        } catch (RuntimeException | Error e) {
            ended = now();
            if (isInterrupted(e)) {
                throw new LeaderInterruptedException((InterruptedPredictionException) e);
            }
            together = null;
        } finally {
            runner.memories.add(memory);
        }
        if (together == null) {
            halve(live);
            return;
        }
        if (!equal) {
            eachAlone(live);
            return;
        }
        boolean late = group.rows.areReadLate(together);
        int at = 0;
        for (M call : live) {
            call.computed(together, at, late);
            finished.add(call);
            at += call.rows();
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

    private void eachAlone(List<M> live) throws LeaderInterruptedException {
        for (M call : live) {
            run(List.of(call));
            handOut();
        }
    }

    private void halve(List<M> live) throws LeaderInterruptedException {
        if (areGone(live)) {
            return;
        }
        runner.reports.halved();
        int half = live.size() / 2;
        run(live.subList(0, half));
        handOut();
        run(live.subList(half, live.size()));
        handOut();
    }

    private static boolean areGone(List<? extends Member> calls) {
        for (Member call : calls) {
            if (!call.isGone()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Computes each row of a batch once more alone, and each call with several rows. If all bits are equal, this number
     * of rows is proven; if not, calls of this shape are never merged again.
     */
    private boolean compare(List<M> live, Map<String, Tensor> joined, Outputs together, int rows) {
        runner.reports.compared();
        for (int i = 0; i < rows; i++) {
            Outputs single = runner.engine.run(group.rows.slice(joined, i, i + 1), () -> areGone(live));
            if (!hasBits(together, i, single, 1)) {
                return false;
            }
        }
        int at = 0;
        for (M call : live) {
            if (!group.isProven(call.rows())) {
                Outputs own = runner.engine.run(call.inputs(), () -> areGone(live));
                if (!hasBits(together, at, own, call.rows())) {
                    return false;
                }
                group.prove(call.rows());
            }
            at += call.rows();
        }
        group.prove(rows);
        ended = now();
        return true;
    }

    /** Whether rows that ran together have the bits of outputs with a number of rows. */
    private boolean hasBits(Outputs together, int from, Outputs own, int rows) {
        boolean has = hasRows(own, rows) && RowComparison.equal(together, from, own);
        if (!has) {
            group.refuse();
        }
        return has;
    }
}
