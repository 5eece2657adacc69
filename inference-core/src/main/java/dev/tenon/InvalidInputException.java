package dev.tenon;

import dev.tenon.error.TenonException;

/** A prediction was called with inputs or outputs that the model does not have or that do not fit it. */
public final class InvalidInputException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of a call.
     *
     * @param thing the input or output
     * @param found what was given
     * @param allowed what the model takes, or null
     * @param cure what to do about it, or null
     */
    public InvalidInputException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
