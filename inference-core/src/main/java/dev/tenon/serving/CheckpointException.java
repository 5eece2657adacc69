package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** The checkpoint of a {@link dev.tenon.serving.bulk.Bulk Bulk} run can't be read or written. */
public final class CheckpointException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the file
     * @param found what was found
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     * @param cause the failure underneath, or null
     */
    public CheckpointException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
