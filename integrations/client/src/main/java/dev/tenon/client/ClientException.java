package dev.tenon.client;

/** A call that has no answer. Its message tells the thing, what was found, what is allowed, and the cure. */
public final class ClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why a call has no answer. */
    public enum Reason {
        /** The inputs, or how the client was set, are not what the model, the server or the client takes (400). */
        INVALID,
        /** The server was not started for such calls, or does not know the caller (401, 403). */
        FORBIDDEN,
        /** The server has no such model or version (404). */
        NOT_FOUND,
        /** The inputs are larger than the server takes (413), or the answer larger than {@link TenonClient#maxAnswerBytes}. */
        TOO_LARGE,
        /** The server has too much to do, is not ready, or stops (503), however often it was asked. */
        UNAVAILABLE,
        /** {@link TenonClient#timeout} is over, by the server's clock (504) or the client's. */
        DEADLINE,
        /** The server failed, or answered with a status that the protocol does not have. */
        SERVER,
        /** The server can't be reached; the call was not sent. */
        UNREACHABLE,
        /** The connection broke after the call was sent: the server may have done it. */
        BROKEN_CONNECTION,
        /** The answer is not what the protocol says. */
        MALFORMED_ANSWER,
        /** The thread was interrupted while it waited; it stays so. */
        INTERRUPTED
    }

    /** Why there is no answer. */
    private final Reason reason;

    /** The status of HTTP. */
    private final int status;

    ClientException(Reason reason, int status, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.status = status;
    }

    static ClientException of(Reason reason, String thing, String found, String allowed, String cure) {
        return of(reason, thing, found, allowed, cure, null);
    }

    static ClientException of(Reason reason, String thing, String found, String allowed, String cure, Throwable cause) {
        return new ClientException(reason, 0, thing + ": " + found + "; allowed: " + allowed + "; " + cure, cause);
    }

    static ClientException invalid(String thing, String found, String allowed, String cure) {
        return of(Reason.INVALID, thing, found, allowed, cure);
    }

    static ClientException malformed(String thing, String found, String allowed) {
        return of(
                Reason.MALFORMED_ANSWER,
                thing,
                found,
                allowed,
                "see whether the address is that of Tenon's server, and what stands between");
    }

    /** {@return why there is no answer} */
    public Reason reason() {
        return reason;
    }

    /** {@return the status of HTTP that the server answered with; 0 if the reason is none of its errors} */
    public int status() {
        return status;
    }
}
