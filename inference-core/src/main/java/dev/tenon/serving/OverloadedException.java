package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** A call was refused because too much waits already, or because it could not end before its deadline. Nothing ran. */
public final class OverloadedException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the batcher that refused it
     * @param found what was found
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public OverloadedException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
