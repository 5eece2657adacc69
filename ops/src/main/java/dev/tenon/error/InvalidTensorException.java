package dev.tenon.error;

/**
 * A tensor, type, shape or dimension that can't be: a wrong array length, a wrong element type, a negative dimension, an
 * index out of range, text that does not parse, arithmetic that overflows.
 */
public final class InvalidTensorException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure without a cause.
     *
     * @param thing what failed, with its name
     * @param found what was found
     * @param allowed what would have been accepted, or null
     * @param cure what the caller can do, or null
     */
    public InvalidTensorException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    /**
     * Makes a failure with a cause.
     *
     * @param thing what failed, with its name
     * @param found what was found
     * @param allowed what would have been accepted, or null
     * @param cure what the caller can do, or null
     * @param cause the failure underneath, or null
     */
    public InvalidTensorException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
