package dev.tenon.compression;

import dev.tenon.error.TenonException;

/** A model can't be compressed as asked: a step does not fit it, or samples, labels or names are wrong. */
public final class CompressionException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the thing that failed, with its name
     * @param found the value that was found
     * @param allowed the values that are allowed, or null to leave it out of the message
     * @param cure the cure, as an instruction to the caller, or null to leave it out of the message
     */
    public CompressionException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    /**
     * Makes a failure with a cause.
     *
     * @param thing the thing that failed, with its name
     * @param found the value that was found
     * @param allowed the values that are allowed, or null to leave it out of the message
     * @param cure the cure, as an instruction to the caller, or null to leave it out of the message
     * @param cause the failure underneath
     */
    public CompressionException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
