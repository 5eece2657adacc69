package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.DeadlineExceededException.Phase;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.PredictionListener;

/**
 * How a call ended.
 *
 * @param outputs the outputs; null if there are none, or if the call has them
 * @param failure the reason why there are none, or null
 * @param kind how it is reported; null for a refusal, which is reported otherwise
 */
public record Outcome(Outputs outputs, Throwable failure, PredictionListener.Outcome kind) {
    /** It was computed; the call has the outputs. */
    public static final Outcome COMPUTED = done(null);

    /** Made beforehand, for the case that there is no memory when it is needed. */
    private static final Outcome NO_MEMORY = failed(ResourceLimitException.lastResort(
            "a batch",
            "more memory than there is, and none to say where",
            null,
            "raise -Xmx, or let fewer calls wait"));

    /**
     * It got outputs.
     *
     * @param outputs the outputs
     * @return the outcome
     */
    public static Outcome done(Outputs outputs) {
        return new Outcome(outputs, null, PredictionListener.Outcome.DONE);
    }

    /**
     * It could not be computed.
     *
     * @param failure the reason
     * @return the outcome
     */
    public static Outcome failed(Throwable failure) {
        return new Outcome(null, failure, PredictionListener.Outcome.FAILED);
    }

    /**
     * The outcome of a call that could not be computed, or of those of a batch. It needs no memory.
     *
     * @param name the name of the model
     * @param failure the reason
     * @return the outcome
     */
    public static Outcome broken(String name, Throwable failure) {
        try {
            return failed(failure instanceof OutOfMemoryError e ? noMemory(name, e) : failure);
        } catch (OutOfMemoryError again) {
            return NO_MEMORY;
        }
    }

    private static TenonException noMemory(String name, OutOfMemoryError e) {
        return new ResourceLimitException(
                "a batch of '" + name + "'",
                "more memory than there is",
                "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                "raise -Xmx, or let fewer calls wait",
                e);
    }

    /**
     * It was cancelled.
     *
     * @param name the name of the model
     * @return the outcome
     */
    public static Outcome cancelled(String name) {
        return cancelled(new CancelledPredictionException(name, "the call was cancelled", null, null));
    }

    /**
     * Its thread was interrupted while it waited.
     *
     * @param name the name of the model
     * @return the outcome
     */
    public static Outcome interrupted(String name) {
        return cancelled(new InterruptedPredictionException(
                name,
                "the thread was interrupted while the call waited",
                null,
                "clear the interrupt and predict again"));
    }

    /**
     * It was cancelled or interrupted.
     *
     * @param failure the reason
     * @return the outcome
     */
    public static Outcome cancelled(TenonException failure) {
        return new Outcome(null, failure, PredictionListener.Outcome.CANCELLED);
    }

    /**
     * It was refused.
     *
     * @param failure the reason
     * @return the outcome
     */
    public static Outcome refused(OverloadedException failure) {
        return new Outcome(null, failure, null);
    }

    /**
     * Its deadline has passed.
     *
     * @param name the name of the model
     * @param phase how far the call had come
     * @param limitNanos the time that it had
     * @return the outcome
     */
    public static Outcome expired(String name, Phase phase, long limitNanos) {
        return new Outcome(
                null,
                new DeadlineExceededException(name, phase, limitNanos),
                phase == Phase.QUEUED
                        ? PredictionListener.Outcome.EXPIRED_QUEUED
                        : PredictionListener.Outcome.EXPIRED_RUNNING);
    }

    /** {@return the outputs, or the failure thrown} */
    public Outputs get() {
        return switch (failure) {
            case null -> outputs;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }
}
