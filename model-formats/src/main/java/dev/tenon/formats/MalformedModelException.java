package dev.tenon.formats;

import dev.tenon.error.TenonException;

/**
 * The bytes of a model or tensor file break the rules of their format. The file is truncated or damaged, contradicts
 * itself, or has another format.
 */
public class MalformedModelException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong with the bytes.
     *
     * @param thing the file and the place in it, with the byte offset where one is known
     * @param found the bytes or values at this place
     * @param allowed the bytes or values that are allowed there
     * @param cure what the user can do
     */
    public MalformedModelException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    /**
     * Says what is wrong with the bytes, with the exception that revealed it.
     *
     * @param thing the file and the place in it, with the byte offset where one is known
     * @param found the bytes or values at this place
     * @param allowed the bytes or values that are allowed there
     * @param cure what the user can do
     * @param cause the exception that revealed it
     */
    public MalformedModelException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
