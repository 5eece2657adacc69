package dev.tenon.error;

/**
 * The file of {@code SessionOptions.tuning} can't be read, is damaged, or is another kind of file. The file is not changed.
 */
public final class TuningFileException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the file
     * @param found what was found
     * @param allowed what is allowed
     * @param cure what the caller can do, as a sentence
     * @param cause the failure underneath, or null
     */
    public TuningFileException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
