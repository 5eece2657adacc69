package dev.tenon.serving;

import dev.tenon.Outputs;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;

/**
 * How a request ended.
 *
 * @param outputs the outputs; null if there are none, or if the request has them
 * @param failure the reason why there are none, or null
 * @param kind how it is reported; null for a refusal, which is reported otherwise
 */
record Outcome(Outputs outputs, Throwable failure, PredictionListener.Outcome kind) {
    /** It was computed; the request has the outputs. */
    static final Outcome COMPUTED = new Outcome(null, null, PredictionListener.Outcome.DONE);

    /** Made beforehand, for the case that there is no memory when it is needed. */
    private static final Outcome NO_MEMORY = failed(ResourceLimitException.lastResort(
            "a batch",
            "more memory than there is, and none to say where",
            null,
            "raise -Xmx, or let fewer calls wait"));

    static Outcome done(Outputs outputs) {
        return new Outcome(outputs, null, PredictionListener.Outcome.DONE);
    }

    static Outcome failed(Throwable failure) {
        return new Outcome(null, failure, PredictionListener.Outcome.FAILED);
    }

    /** The outcome of a call that could not be computed, or of those of a batch. It needs no memory. */
    static Outcome broken(String batcher, Throwable failure) {
        try {
            return failed(failure instanceof OutOfMemoryError e ? noMemory(batcher, e) : failure);
        } catch (OutOfMemoryError again) {
            return NO_MEMORY;
        }
    }

    private static TenonException noMemory(String batcher, OutOfMemoryError e) {
        return new ResourceLimitException(
                "a batch of '" + batcher + "'",
                "more memory than there is",
                "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                "raise -Xmx, or let fewer calls wait",
                e);
    }

    static Outcome cancelled(Throwable failure) {
        return new Outcome(null, failure, PredictionListener.Outcome.CANCELLED);
    }

    static Outcome refused(OverloadedException failure) {
        return new Outcome(null, failure, null);
    }

    static Outcome expired(DeadlineExceededException failure) {
        return new Outcome(
                null,
                failure,
                failure.phase() == DeadlineExceededException.Phase.QUEUED
                        ? PredictionListener.Outcome.EXPIRED_QUEUED
                        : PredictionListener.Outcome.EXPIRED_RUNNING);
    }

    /** The outputs, or the failure thrown. */
    Outputs get() {
        return switch (failure) {
            case null -> outputs;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }
}
