package dev.tenon.serving;

import dev.tenon.Outputs;

/**
 * How a request ended.
 *
 * @param outputs the outputs, or null
 * @param failure the reason why there are none, or null
 * @param kind how it is reported; null for a refusal, which is reported otherwise
 */
record Outcome(Outputs outputs, Throwable failure, PredictionListener.Outcome kind) {
    static Outcome done(Outputs outputs) {
        return new Outcome(outputs, null, PredictionListener.Outcome.DONE);
    }

    static Outcome failed(Throwable failure) {
        return new Outcome(null, failure, PredictionListener.Outcome.FAILED);
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
