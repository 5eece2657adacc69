package dev.tenon.error;

/**
 * Base of every typed failure of Tenon. A failure names four things: what it happened to, what was found there, what
 * would have been allowed, and what cures it. The message reads {@code thing: found; allowed …; cure}.
 *
 * <p>Instances are as thread-safe as any exception: immutable but for suppressed exceptions and the stack trace.
 */
public abstract class TenonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What the error is about. */
    private final String thing;

    /** What was found. */
    private final String found;

    /** What is allowed, or null. */
    private final String allowed;

    /** What to do about it, or null. */
    private final String cure;

    /**
     * Makes a failure without a cause.
     *
     * @param thing what failed, with its name: {@code Softmax 'attn/softmax'}
     * @param found what was found: {@code axis 4 is outside [-4, 3] for shape [1,12,128,128]}
     * @param allowed what would have been accepted, or null to leave it out of the message
     * @param cure what the caller can do, or null to leave it out of the message
     */
    protected TenonException(String thing, String found, String allowed, String cure) {
        this(thing, found, allowed, cure, null);
    }

    /**
     * Makes a failure with a cause.
     *
     * @param thing what failed, with its name
     * @param found what was found
     * @param allowed what would have been accepted, or null to leave it out of the message
     * @param cure what the caller can do, or null to leave it out of the message
     * @param cause the failure underneath, or null
     */
    protected TenonException(String thing, String found, String allowed, String cure, Throwable cause) {
        super(message(thing, found, allowed, cure), cause);
        this.thing = thing;
        this.found = found;
        this.allowed = allowed;
        this.cure = cure;
    }

    /** {@return what failed, with its name} */
    public final String thing() {
        return thing;
    }

    /** {@return what was found} */
    public final String found() {
        return found;
    }

    /** {@return what would have been accepted, or null} */
    public final String allowed() {
        return allowed;
    }

    /** {@return what the caller can do, or null} */
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
