package dev.tenon.samples.serve;

/** A request that is answered by an error. */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Failure failure;

    /**
     * Makes the exception.
     *
     * @param failure the kind
     * @param message the text that the client gets
     */
    public RequestException(Failure failure, String message) {
        super(message);
        this.failure = failure;
    }

    /**
     * A request that the client must change.
     *
     * @param message the text that the client gets
     * @return the exception
     */
    public static RequestException bad(String message) {
        return new RequestException(Failure.INVALID, message);
    }

    /** {@return the kind} */
    public Failure failure() {
        return failure;
    }
}
