package dev.tenon.error;

/**
 * A prediction stopped before its end, because its thread was interrupted or its time limit was reached. The thread stays
 * interrupted. The session can be used again. Loading a model and making a session stop in the same way; nothing of them
 * is kept.
 */
public final class InterruptedPredictionException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the step or the other work that did not end
     * @param found the reason for stopping
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cure what the caller can do, as a sentence, or null to leave it out of the message
     */
    public InterruptedPredictionException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
