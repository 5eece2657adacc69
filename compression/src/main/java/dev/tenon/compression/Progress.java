package dev.tenon.compression;

import java.time.Duration;
import java.util.Optional;

/** Learns how far a run is, and may cancel it. Called on the thread that runs the compression. */
@FunctionalInterface
public interface Progress {
    /**
     * Tells how far a run is. To cancel the run, throw a {@link java.util.concurrent.CancellationException}: the run ends with
     * it, and has written nothing but the checkpoints that were asked for.
     *
     * @param task the work that goes on, in words: the name of the stage, and after a colon and a space its part
     * @param share the share of the run that is done, in [0, 1]; it can fall when the floor is missed, which makes more work
     * @param remaining the estimated time until the end, if there is an estimate
     */
    void at(String task, double share, Optional<Duration> remaining);

    /** {@return a progress that nobody looks at} */
    static Progress ignored() {
        return (task, share, remaining) -> {};
    }
}
