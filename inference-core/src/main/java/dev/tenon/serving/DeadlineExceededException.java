package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** A call did not end before its deadline. */
public final class DeadlineExceededException extends TenonException {
    private static final long serialVersionUID = 1L;

    /** How far a call had come. */
    public enum Phase {
        /** It still waited, and nothing of it ran. */
        QUEUED,
        /** It was being computed. */
        RUNNING
    }

    /** How far the call had come. */
    private final Phase phase;

    /**
     * Makes a failure.
     *
     * @param thing the batcher that the call was made to
     * @param phase how far the call had come
     * @param limitNanos the time that it had, in nanoseconds
     */
    public DeadlineExceededException(String thing, Phase phase, long limitNanos) {
        super(
                thing,
                phase == Phase.QUEUED
                        ? "the deadline passed while the call waited"
                        : "the deadline passed while the call was computed",
                limitNanos / 1000 + " microseconds, as Call.within says",
                phase == Phase.QUEUED ? "lower the load, or allow more time" : "allow more time");
        this.phase = phase;
    }

    /** {@return how far the call had come} */
    public Phase phase() {
        return phase;
    }
}
