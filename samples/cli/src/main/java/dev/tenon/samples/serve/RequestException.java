package dev.tenon.samples.serve;

/** A request that is answered by an error. */
final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** Makes the exception: a status code of HTTP from 400 on, and the text that the client gets. */
    RequestException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** A request that the client must change. */
    static RequestException bad(String message) {
        return new RequestException(400, message);
    }

    int status() {
        return status;
    }
}
