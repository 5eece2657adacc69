package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** A call ended early because its {@link Cancellation} was used. */
public final class CancelledPredictionException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the batcher that the call was made to
     * @param found what was found
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public CancelledPredictionException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
