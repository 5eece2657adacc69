package dev.tenon.formats;

import dev.tenon.error.TenonException;

/**
 * A file or stream can't be read or written. It does not exist, is a folder, is outside the folder that the model may
 * use, or the operating system reported an error. An {@link java.io.IOException} is the cause if there is one.
 */
public class ModelFileException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what is wrong with the file.
     *
     * @param thing the file
     * @param found what was found
     * @param allowed what is allowed
     * @param cure what the user can do
     */
    public ModelFileException(String thing, String found, String allowed, String cure) {
        super(thing, found, allowed, cure);
    }

    /**
     * Says what is wrong with the file, and what the operating system said.
     *
     * @param thing the file
     * @param found what was found
     * @param allowed what is allowed
     * @param cure what the user can do
     * @param cause what the operating system said
     */
    public ModelFileException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
    }
}
