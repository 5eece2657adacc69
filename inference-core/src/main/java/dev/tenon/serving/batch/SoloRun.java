package dev.tenon.serving.batch;

import dev.tenon.Outputs;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.serving.Call;
import dev.tenon.serving.DeadlineExceededException.Phase;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.run.Outcome;
import dev.tenon.serving.run.Reports;
import dev.tenon.serving.run.RunTime;
import dev.tenon.serving.run.Served;
import dev.tenon.serving.threads.Deadlines;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Runs calls that found a free slot: alone, on the threads of their callers. Safe for any number of threads. */
final class SoloRun {
    private final Served served;
    private final Admission admission;
    private final Leaders leaders;
    private final Reports reports;
    private final Deadlines deadlines;

    SoloRun(Served served, Admission admission, Leaders leaders, Reports reports, Deadlines deadlines) {
        this.served = served;
        this.admission = admission;
        this.leaders = leaders;
        this.reports = reports;
        this.deadlines = deadlines;
    }

    /** Ends a call: it was cancelled, or its deadline has passed. */
    private static final class Stop implements BooleanSupplier {
        private final String name;
        private final Call call;
        private final long deadline;
        private final Deadlines deadlines;

        /** A condition for a call that was made at a time of the clock of the deadlines. */
        private Stop(String name, Call call, long start, Deadlines deadlines) {
            this.name = name;
            this.call = call;
            this.deadline = start + call.nanos();
            this.deadlines = deadlines;
        }

        private boolean isPastDeadline() {
            return call.hasDeadline() && deadlines.now() - deadline >= 0;
        }

        @Override
        public boolean getAsBoolean() {
            return call.isCancelled() || isPastDeadline();
        }

        /** How it has ended the call; null if it has not. */
        private Outcome outcome() {
            if (call.isCancelled()) {
                return Outcome.cancelled(name);
            }
            return isPastDeadline() ? expired() : null;
        }

        private Outcome expired() {
            return Outcome.expired(name, Phase.RUNNING, call.nanos());
        }
    }

    /** Runs a call for which a slot was taken, and frees the slot. */
    Outputs run(Map<String, ? extends Datum> inputs, Call call, long start) {
        Stop stop = call.mayEndEarly() ? new Stop(served.name(), call, start, deadlines) : null;
        PredictionListener.Outcome outcome = PredictionListener.Outcome.FAILED;
        int count = 1;
        boolean runs = true;
        RunTime learned = null;
        long begin = deadlines.now();
        try {
            int found = served.groups().count(inputs);
            count = Math.max(1, found);
            Outputs outputs = served.engine().run(inputs, stop);
            long end = deadlines.now();
            if (stop != null && stop.isPastDeadline()) {
                outcome = PredictionListener.Outcome.EXPIRED_RUNNING;
                return stop.expired().get();
            }
            outcome = PredictionListener.Outcome.DONE;
            learned = found <= 0 ? null : new RunTime(served.groups().recent(inputs), found, end - begin);
            return outputs;
        } catch (InterruptedPredictionException e) {
            Outcome reason = reason(stop, e);
            outcome = reason == null ? outcome : reason.kind();
            throw reason == null ? e : (RuntimeException) reason.failure();
        } catch (InvalidInputException e) {
            runs = !isRefused(inputs);
            throw e;
        } finally {
            long nanos = learned == null ? deadlines.now() - begin : learned.nanos();
            long end = begin + nanos;
            Leaders.Turn turn = Leaders.ofCaller(end);
            Batch own = leaders.startOthers(admission.release(learned, end), turn, true, end);
            try {
                reports.call(call.lane(), count, begin - start, nanos, outcome);
                if (runs) {
                    reports.run(1, count, nanos);
                }
            } finally {
                leaders.goOn(own, turn);
            }
        }
    }

    /** Why a run was stopped; null if it was not by its caller. */
    private static Outcome reason(Stop stop, InterruptedPredictionException e) {
        if (Thread.currentThread().isInterrupted()) {
            return Outcome.cancelled(e);
        }
        return stop == null ? null : stop.outcome();
    }

    /** Whether inputs do not fit the model: then it did not run. */
    private boolean isRefused(Map<String, ? extends Datum> inputs) {
        try {
            served.engine().check(inputs);
            return false;
        } catch (InvalidInputException e) {
            return true;
        }
    }
}
