package dev.tenon.generation;

import dev.tenon.error.TenonException;

/**
 * No token can be chosen: a logit is NaN or positive infinity, or every token is ruled out. The cause is the model, its numbers of
 * few bits, or a bias that bans all tokens. No token is made up in its place.
 */
public final class InvalidLogitsException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param thing the logits, with the position of the token
     * @param found the value that was found
     * @param allowed the values that are allowed
     * @param cure what the caller can do, as a sentence
     */
    public InvalidLogitsException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
