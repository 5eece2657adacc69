package dev.tenon.error;

/**
 * Something would take more than a limit allows: memory, elements, the size of an expression, a count. It is thrown
 * before the resource is taken, or in place of the {@link OutOfMemoryError} that taking it caused.
 */
public final class ResourceLimitException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure without a cause.
     *
     * @param thing what asked for the resource, with its name
     * @param need what it needs: {@code needs 4294967296 bytes}
     * @param limit the limit it met, or null if unknown
     * @param flag the option or flag that moves the limit, as a sentence, or null
     */
    public ResourceLimitException(String thing, String need, String limit, String flag) {
        super(thing, need, limit, flag);
    }

    private ResourceLimitException(String thing, String need, String limit, String flag, boolean shared) {
        super(thing, need, limit, flag, shared);
    }

    /**
     * Makes a failure beforehand, for the case that nothing can be allocated when it is thrown. It has no stack trace, no
     * cause and no suppressed exceptions, and may be thrown any number of times.
     *
     * @param thing what asked for the resource
     * @param need what it needs
     * @param limit the limit it met, or null if unknown
     * @param flag the option or flag that moves the limit, as a sentence, or null
     * @return the failure
     */
    public static ResourceLimitException lastResort(String thing, String need, String limit, String flag) {
        return new ResourceLimitException(thing, need, limit, flag, true);
    }

    /**
     * Makes a failure with a cause.
     *
     * @param thing what asked for the resource, with its name
     * @param need what it needs
     * @param limit the limit it met, or null if unknown
     * @param flag the option or flag that moves the limit, as a sentence, or null
     * @param cause the failure underneath, or null
     */
    public ResourceLimitException(String thing, String need, String limit, String flag, Throwable cause) {
        super(thing, need, limit, flag, cause);
    }
}
