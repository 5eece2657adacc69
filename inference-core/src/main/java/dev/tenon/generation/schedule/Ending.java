package dev.tenon.generation.schedule;

import dev.tenon.generation.Generation;
import dev.tenon.generation.Generation.Reason;
import dev.tenon.serving.PredictionListener;

/**
 * How a sequence ended.
 *
 * @param reason why it has a result; null if it has none
 * @param failure the reason why there is none, or null
 * @param kind how it is reported; null for a refusal, which is reported otherwise
 * @param keeps whether its keys and values may be used by others
 */
record Ending(Reason reason, Throwable failure, PredictionListener.Outcome kind, boolean keeps) {
    static Ending done(Reason reason) {
        return new Ending(reason, null, PredictionListener.Outcome.DONE, true);
    }

    static Ending cancelled() {
        return new Ending(Reason.CANCELLED, null, PredictionListener.Outcome.CANCELLED, true);
    }

    /** Its thread was interrupted, its reader failed, or the generator was closed. */
    static Ending abandoned(Throwable failure) {
        return new Ending(null, failure, PredictionListener.Outcome.CANCELLED, true);
    }

    static Ending expired(Throwable failure, boolean begun) {
        return new Ending(
                null,
                failure,
                begun ? PredictionListener.Outcome.EXPIRED_RUNNING : PredictionListener.Outcome.EXPIRED_QUEUED,
                true);
    }

    static Ending failed(Throwable failure) {
        return new Ending(null, failure, PredictionListener.Outcome.FAILED, false);
    }

    static Ending refused(Throwable failure) {
        return new Ending(null, failure, null, false);
    }

    /** The result, or the failure thrown. */
    Generation get(Generation result) {
        return switch (failure) {
            case null -> result;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }
}
