package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** Rows of several calls can't be computed together by this model without a change of their results. */
public final class NotBatchableException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the model, and the input, output or operator that forbids it
     * @param found what was found
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public NotBatchableException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
