package dev.tenon.nativecode;

/** The system refuses memory for code. The reason is the message. */
public final class CodeRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param reason the reason
     */
    public CodeRefusedException(String reason) {
        super(reason);
    }
}
