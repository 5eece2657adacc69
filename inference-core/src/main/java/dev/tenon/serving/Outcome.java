package dev.tenon.serving;

import dev.tenon.Outputs;
import java.util.function.Supplier;

/**
 * How a request ended.
 *
 * @param outputs the outputs, or null
 * @param part makes the outputs, or null; it is asked once, by the thread that waits for them
 * @param failure the reason why there are none, or null
 * @param kind how it is reported; null for a refusal, which is reported otherwise
 */
record Outcome(Outputs outputs, Supplier<Outputs> part, Throwable failure, PredictionListener.Outcome kind) {
    static Outcome done(Outputs outputs) {
        return new Outcome(outputs, null, null, PredictionListener.Outcome.DONE);
    }

    static Outcome done(Supplier<Outputs> part) {
        return new Outcome(null, part, null, PredictionListener.Outcome.DONE);
    }

    static Outcome failed(Throwable failure) {
        return new Outcome(null, null, failure, PredictionListener.Outcome.FAILED);
    }

    static Outcome cancelled(Throwable failure) {
        return new Outcome(null, null, failure, PredictionListener.Outcome.CANCELLED);
    }

    static Outcome refused(OverloadedException failure) {
        return new Outcome(null, null, failure, null);
    }

    static Outcome expired(DeadlineExceededException failure) {
        return new Outcome(
                null,
                null,
                failure,
                failure.phase() == DeadlineExceededException.Phase.QUEUED
                        ? PredictionListener.Outcome.EXPIRED_QUEUED
                        : PredictionListener.Outcome.EXPIRED_RUNNING);
    }

    /** The outputs, or the failure thrown. */
    Outputs get() {
        return switch (failure) {
            case null -> outputs == null ? part.get() : outputs;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }
}
