package dev.tenon.compression.search;

import dev.tenon.compression.Progress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Tells how far a search is. The time that remains is estimated from the trials that this run has made in its stage, as trials of
 * other stages take other times, and not before there are some: a first trial tells little of the others.
 */
final class Work {
    private static final int LEAST_MADE = 3;
    private static final double LEAST_SHARE = 0.1;

    /** After all trials the best plan is made once more, with its report. */
    private static final int RESULT = 1;

    private final Progress progress;
    private final LongSupplier clock;
    private String stage = "";
    private boolean isCounted;
    private long start;
    private int planned;
    private int plannedBefore;
    private int finished;
    private int made;

    Work(Progress progress) {
        this(progress, System::nanoTime);
    }

    /** Work with a clock of nanoseconds. */
    Work(Progress progress, LongSupplier clock) {
        this.progress = progress;
        this.clock = clock;
    }

    /**
     * Begins a stage, or goes on with it.
     *
     * @param name its name
     * @param trials the trials that are still to come, those of later stages included, but for the result
     * @param areCounted whether this is their number; otherwise it is a guess, and no time is estimated
     */
    void stage(String name, int trials, boolean areCounted) {
        if (!name.equals(stage)) {
            stage = name;
            start = clock.getAsLong();
            made = 0;
            plannedBefore = finished + RESULT;
        }
        isCounted = areCounted;
        planned = finished + trials + RESULT;
    }

    /** The progress within a trial. */
    Progress within(String trial) {
        return (task, share, remaining) -> tell(trial + ": " + task, Math.clamp(share, 0, 1));
    }

    private void tell(String task, double share) {
        double todo = Math.max(0, planned - finished - share);
        boolean isKnown = isCounted && made >= Math.max(LEAST_MADE, LEAST_SHARE * (planned - plannedBefore));
        Optional<Duration> remaining = isKnown
                ? Optional.of(Duration.ofNanos((long) ((clock.getAsLong() - start) / (made + share) * todo)))
                : Optional.empty();
        progress.at(
                (stage.isEmpty() ? "" : stage + ": ") + task,
                Math.min(1, (finished + share) / Math.max(1, planned)),
                remaining);
    }

    /** A trial is finished: made by this run, or taken from a checkpoint. */
    void finished(boolean isMade) {
        finished++;
        made += isMade ? 1 : 0;
        planned = Math.max(planned, finished + RESULT);
    }

    /** Everything is done. */
    void done() {
        progress.at("done", 1, Optional.of(Duration.ZERO));
    }
}
