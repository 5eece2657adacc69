package dev.tenon.samples.text;

import dev.tenon.error.TenonException;

/** Thrown if a tokenizer file is not understood, or if a tokenizer cannot fulfil a request. */
public final class TokenizerException extends TenonException {
    private static final long serialVersionUID = 1L;

    TokenizerException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    TokenizerException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
