package dev.tenon.error;

/** A prediction got an input or output that the model does not have, or that does not fit it. */
public final class InvalidInputException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the input or output
     * @param found the value that was given, or its type
     * @param allowed what the model takes, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public InvalidInputException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    /**
     * An input whose reader failed.
     *
     * @param thing the input, with its name
     * @param found the value that was found
     * @param allowed the values that are allowed, or null
     * @param cure how to fix it, or null
     * @param cause the failure of the reader
     */
    public InvalidInputException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
