package dev.tenon;

import dev.tenon.error.TenonException;

/**
 * The file of {@link SessionOptions#tuning} can't be read, or is damaged or none of its kind. It is left as it is.
 */
public final class TuningFileException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of a file.
     *
     * @param thing the file
     * @param found what was found
     * @param allowed what is allowed
     * @param cure what to do about it
     * @param cause the failure underneath, or null
     */
    public TuningFileException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
