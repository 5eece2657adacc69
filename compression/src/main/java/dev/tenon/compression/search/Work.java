package dev.tenon.compression.search;

import dev.tenon.compression.Progress;
import java.time.Duration;
import java.util.Optional;

/** Tells how far a search is. The time that remains is estimated from the trials that this run has made so far. */
final class Work {
    private final Progress progress;
    private final long start = System.nanoTime();
    private int planned;
    private int finished;
    private int made;

    Work(Progress progress) {
        this.progress = progress;
    }

    /** Tells the number of trials that are still to come, as well as it is known. */
    void expect(int trials) {
        planned = finished + trials;
    }

    /** The progress within a trial. */
    Progress within(String trial) {
        return (task, share, remaining) -> tell(trial + ": " + task, Math.clamp(share, 0, 1));
    }

    private void tell(String task, double share) {
        double todo = Math.max(0, planned - finished - share);
        Optional<Duration> remaining = made + share <= 0
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) ((System.nanoTime() - start) / (made + share) * todo)));
        progress.at(task, Math.min(1, (finished + share) / Math.max(1, planned)), remaining);
    }

    /** A trial is finished: made by this run, or taken from a checkpoint. */
    void finished(boolean isMade) {
        finished++;
        made += isMade ? 1 : 0;
        planned = Math.max(planned, finished);
    }

    /** Everything is done. */
    void done() {
        progress.at("done", 1, Optional.of(Duration.ZERO));
    }
}
