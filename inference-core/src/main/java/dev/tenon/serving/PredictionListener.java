package dev.tenon.serving;

import java.util.Optional;

/**
 * Is told about predictions: for metrics, logs and alarms. Methods run on the thread on which the thing happened, so
 * they should be quick, and may be called from several threads at the same time. Exceptions and errors that they throw
 * are counted and dropped.
 */
public interface PredictionListener {
    /** How a call ended. */
    enum Outcome {
        /** It got outputs. */
        DONE,
        /** The model could not compute it, or its inputs do not fit the model. */
        FAILED,
        /** Its deadline passed while it waited. */
        EXPIRED_QUEUED,
        /** Its deadline passed while it was computed. */
        EXPIRED_RUNNING,
        /** It was cancelled, or its thread was interrupted. */
        CANCELLED
    }

    /**
     * A call that ended. Refused calls are reported to {@link #onReject} alone. A call that a future waits for may be reported
     * just after the future is complete.
     *
     * @param name the name of the batcher
     * @param lane the lane of the call
     * @param rows its rows, 1 if it has none, or if they are not counted since calls are never merged
     * @param waitNanos how long it waited
     * @param runNanos how long it was computed, together with others perhaps
     * @param outcome how it ended
     */
    record CallReport(String name, String lane, int rows, long waitNanos, long runNanos, Outcome outcome) {}

    /**
     * A run of the model for one call or several.
     *
     * @param name the name of the batcher
     * @param calls the calls in it, at least 1
     * @param rows the sum of the rows of its calls
     * @param nanos how long the run took
     * @param queuedRows the rows that wait after it
     * @param toTheBit whether its calls get the bits that they would get alone
     */
    record BatchReport(String name, int calls, int rows, long nanos, int queuedRows, boolean toTheBit) {}

    /**
     * A call that was refused.
     *
     * @param name the name of the batcher
     * @param lane the lane of the call
     * @param reason the reason, as a part of a sentence
     * @param queuedRows the rows that wait
     */
    record RejectReport(String name, String lane, String reason, int queuedRows) {}

    /**
     * A version that was loaded, or could not be.
     *
     * @param model the name of the model
     * @param version the version
     * @param nanos how long loading and the trial took
     * @param failure the message of the exception, empty if it is ready
     */
    record LoadReport(String model, String version, long nanos, Optional<String> failure) {}

    /**
     * A change of the version that serves, or of the route.
     *
     * @param model the name of the model
     * @param from the version that served before, empty if there was none
     * @param to the version that serves now
     * @param reason the reason, as a part of a sentence
     */
    record SwapReport(String model, Optional<String> from, String to, String reason) {}

    /**
     * A call that a shadow has repeated.
     *
     * @param model the name of the model
     * @param version the shadow
     * @param agreed whether its outputs agree with those that the caller got
     * @param difference the measure of {@link dev.tenon.serving.versions.Compare Compare}; NaN if the shadow failed, or the call could not be
     *     copied for it
     * @param nanos how long the shadow ran, without the comparison
     */
    record ShadowReport(String model, String version, boolean agreed, double difference, long nanos) {}

    /**
     * A call ended.
     *
     * @param report the call
     */
    default void onCall(CallReport report) {}

    /**
     * A run ended.
     *
     * @param report the run
     */
    default void onBatch(BatchReport report) {}

    /**
     * A call was refused.
     *
     * @param report the call
     */
    default void onReject(RejectReport report) {}

    /**
     * A version was loaded, or could not be.
     *
     * @param report the version
     */
    default void onLoad(LoadReport report) {}

    /**
     * Another version serves, or another route.
     *
     * @param report the change
     */
    default void onSwap(SwapReport report) {}

    /**
     * A shadow has repeated a call.
     *
     * @param report the comparison
     */
    default void onShadow(ShadowReport report) {}

    /**
     * Inputs or scores are not distributed as those of the reference are.
     *
     * @param alarm the input or output, and how it differs
     */
    default void onDrift(DriftAlarm alarm) {}
}
