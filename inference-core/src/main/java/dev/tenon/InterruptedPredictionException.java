package dev.tenon;

import dev.tenon.error.TenonException;

/**
 * A prediction was stopped between two steps, or before the first: its thread was interrupted, or its time was over. The
 * thread stays interrupted; the session can be used again.
 */
public final class InterruptedPredictionException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * An error of a call.
     *
     * @param thing the step that was not begun
     * @param found what stopped it
     * @param allowed what is allowed, or null
     * @param cure what to do about it, or null
     */
    public InterruptedPredictionException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
