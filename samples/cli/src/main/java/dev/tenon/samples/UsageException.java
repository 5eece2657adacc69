package dev.tenon.samples;

/** Thrown if a command does not understand its arguments. */
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message the argument that was found, and the arguments that are allowed
     */
    public UsageException(String message) {
        super(message);
    }
}
