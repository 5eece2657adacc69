package dev.tenon.error;

/**
 * Base class of the exceptions of Tenon. Each names the thing that failed, the value that was found, the values that are
 * allowed, and the cure. The message reads {@code thing: found; allowed …; cure}.
 *
 * <p>Instances are as thread-safe as any exception: immutable but for suppressed exceptions and the stack trace.
 */
public abstract class TenonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The thing that failed. */
    private final String thing;

    /** The value that was found. */
    private final String found;

    /** The values that are allowed, or null. */
    private final String allowed;

    /** The cure, or null. */
    private final String cure;

    /**
     * Makes a failure without a cause.
     *
     * @param thing the thing that failed, with its name: {@code Softmax 'attn/softmax'}
     * @param found the value that was found: {@code axis 4 is outside [-4, 3] for shape [1,12,128,128]}
     * @param allowed the values that are allowed, or null to leave it out of the message
     * @param cure the cure, as an instruction to the caller, or null to leave it out of the message
     */
    protected TenonException(String thing, String found, String allowed, String cure) {
        this(thing, found, allowed, cure, null);
    }

    /**
     * Makes a failure with a cause.
     *
     * @param thing the thing that failed, with its name
     * @param found the value that was found
     * @param allowed the values that are allowed, or null to leave it out of the message
     * @param cure the cure, as an instruction to the caller, or null to leave it out of the message
     * @param cause the failure underneath, or null
     */
    protected TenonException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(message(thing, found, allowed, cure), cause);
        this.thing = thing;
        this.found = found;
        this.allowed = allowed;
        this.cure = cure;
    }

    /**
     * Makes a failure that can be thrown more than once, by any thread: it has no stack trace, no cause and no suppressed
     * exceptions.
     *
     * @param thing the thing that failed
     * @param found the value that was found
     * @param allowed the values that are allowed, or null to leave it out of the message
     * @param cure the cure, as an instruction to the caller, or null to leave it out of the message
     * @param shared true
     */
    TenonException(String thing, String found, String allowed, String cure, boolean shared) {
        super(message(thing, found, allowed, cure), null, !shared, !shared);
        this.thing = thing;
        this.found = found;
        this.allowed = allowed;
        this.cure = cure;
    }

    /** {@return the thing that failed, with its name} */
    public final String thing() {
        return thing;
    }

    /** {@return the value that was found} */
    public final String found() {
        return found;
    }

    /** {@return the values that are allowed, or null} */
    public final String allowed() {
        return allowed;
    }

    /** {@return the cure, as an instruction to the caller, or null} */
    public final String cure() {
        return cure;
    }

    private static String message(String thing, String found, String allowed, String cure) {
        StringBuilder text = new StringBuilder().append(thing).append(": ").append(found);
        if (allowed != null) {
            text.append("; allowed ").append(allowed);
        }
        if (cure != null) {
            text.append("; ").append(cure);
        }
        return text.toString();
    }
}
