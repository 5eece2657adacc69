package dev.tenon.formats;

import dev.tenon.error.TenonException;

/**
 * The model is well formed, but needs something that this library does not have: an operator, a version of an operator
 * set, an element type or a feature of the format. Or it has something that the format to write does not have.
 */
public class UnsupportedModelException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Names what is not supported.
     *
     * @param thing the model and the place in it
     * @param found the feature that it needs
     * @param allowed the features that are supported
     * @param cure what the user can do
     */
    public UnsupportedModelException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }
}
