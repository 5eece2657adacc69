package dev.tenon.error;

/** An option, or an argument of a method that is no input of a model, has a value that is not allowed: zero threads, say. */
public final class InvalidOptionException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param option the option or argument as it is written in code: {@code SessionOptions.threads}
     * @param found the value that was given
     * @param allowed the values that are allowed, or null to leave them out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public InvalidOptionException(String option, String found, String allowed, String cure) {
        super(option, found, allowed, cure);
    }
}
