package dev.tenon.serving;

import dev.tenon.batch.Deadlines;
import java.util.function.BooleanSupplier;

/** Ends a call that runs alone: it was cancelled, or its deadline has passed. */
final class Stop implements BooleanSupplier {
    private final Call call;
    private final long deadline;
    private final Deadlines deadlines;

    /** A condition for a call that was made at a time of the clock of the deadlines. */
    Stop(Call call, long start, Deadlines deadlines) {
        this.call = call;
        this.deadline = start + call.nanos();
        this.deadlines = deadlines;
    }

    boolean isPastDeadline() {
        return call.hasDeadline() && deadlines.now() - deadline >= 0;
    }

    boolean isCancelled() {
        return call.cancellation() != null && call.cancellation().isCancelled();
    }

    @Override
    public boolean getAsBoolean() {
        return isCancelled() || isPastDeadline();
    }
}
