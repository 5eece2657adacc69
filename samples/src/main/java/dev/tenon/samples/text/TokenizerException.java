package dev.tenon.samples.text;

import dev.tenon.error.TenonException;

/** A tokenizer file that is not understood, or a request that a tokenizer can't fulfil. */
public final class TokenizerException extends TenonException {
    private static final long serialVersionUID = 1L;

    TokenizerException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    TokenizerException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
