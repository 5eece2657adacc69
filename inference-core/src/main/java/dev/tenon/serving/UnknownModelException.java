package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** There is no model or version of a name, or none of its versions serves yet. */
public final class UnknownModelException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the model or version that was asked for
     * @param found what was found
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public UnknownModelException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
