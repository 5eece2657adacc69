package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** A version of a model did not pass its {@link dev.tenon.serving.versions.Trial Trial}. It was not added, and what serves is untouched. */
public final class TrialFailedException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the version, and the sample and output that differ
     * @param found what was found
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public TrialFailedException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
