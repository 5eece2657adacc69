package dev.tenon.samples;

/** A command was given arguments that it does not take. */
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of the arguments.
     *
     * @param message what was given and what is allowed
     */
    public UsageException(String message) {
        super(message);
    }
}
