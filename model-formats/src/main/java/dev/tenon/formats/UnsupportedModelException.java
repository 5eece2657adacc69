package dev.tenon.formats;

import dev.tenon.error.TenonException;

/**
 * The model is well formed, but asks for something this library does not have: an operator, an operator set version, an
 * IR version, an element type, a feature of the format.
 */
public class UnsupportedModelException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Names what is not supported.
     *
     * @param thing the model and the place in it
     * @param found what it asks for
     * @param allowed what is supported
     * @param cure what the user can do
     */
    public UnsupportedModelException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
