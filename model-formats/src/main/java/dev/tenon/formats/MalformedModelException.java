package dev.tenon.formats;

import dev.tenon.error.TenonException;

/**
 * The bytes of a model or tensor file break the rules of their format: they are truncated, damaged, contradict
 * themselves, or are of another format altogether.
 */
public class MalformedModelException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong with the bytes.
     *
     * @param thing the file and the place in it, with the byte offset where one is known
     * @param found what stands there
     * @param allowed what may stand there
     * @param cure what the user can do
     */
    public MalformedModelException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    /**
     * Says what is wrong with the bytes, and what brought it to light.
     *
     * @param thing the file and the place in it, with the byte offset where one is known
     * @param found what stands there
     * @param allowed what may stand there
     * @param cure what the user can do
     * @param cause the exception that revealed it
     */
    public MalformedModelException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
