package dev.tenon.samples.serve;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.UnknownModelException;
import java.nio.charset.StandardCharsets;

/** The kinds of failed requests, whatever protocol they came by. */
public enum Failure {
    /** The client must change the request. */
    INVALID(400, "Bad Request"),
    /** The server was not started for requests of this kind. */
    FORBIDDEN(403, "Forbidden"),
    /** There is no such model, version or operation. */
    NOT_FOUND(404, "Not Found"),
    /** The operation takes another method of HTTP. */
    WRONG_METHOD(405, "Method Not Allowed"),
    /** The request took too long to arrive. */
    SLOW(408, "Request Timeout"),
    /** The request, or a tensor of it, is too large. */
    TOO_LARGE(413, "Content Too Large"),
    /** The client expects of HTTP what the server does not do. */
    UNEXPECTED(417, "Expectation Failed"),
    /** The headers are too large. */
    HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
    /** The server is at fault. */
    BROKEN(500, "Internal Server Error"),
    /** Too much waits, or the server stops: the client may try again. */
    UNAVAILABLE(503, "Service Unavailable"),
    /** The client gave up. */
    CANCELLED(503, "Service Unavailable"),
    /** The deadline passed. */
    EXPIRED(504, "Gateway Timeout");

    private static final System.Logger LOG = System.getLogger("dev.tenon.samples.serve");

    /** The longest text that a client gets, and how much of a longer one is its end. */
    private static final int MOST_CHARS = 300;

    private static final int END_CHARS = 80;

    private final int status;
    private final String reason;

    Failure(int status, String reason) {
        this.status = status;
        this.reason = reason;
    }

    /** {@return the status code of HTTP} */
    public int status() {
        return status;
    }

    /** {@return the words of HTTP for the status code} */
    public String reason() {
        return reason;
    }

    /**
     * The kind of an exception or error that a request ended with.
     *
     * @param e the exception
     * @return its kind, {@link #BROKEN} if no other fits
     */
    public static Failure of(Throwable e) {
        return switch (e) {
            case RequestException r -> r.failure();
            case TenonException t -> ofTenon(t);
            case OutOfMemoryError m -> UNAVAILABLE;
            default -> BROKEN;
        };
    }

    private static Failure ofTenon(TenonException e) {
        return switch (e) {
            case InvalidInputException i -> INVALID;
            case InvalidTensorException i -> INVALID;
            case InvalidOperandException i -> INVALID;
            case InvalidOptionException i -> INVALID;
            case UnknownModelException i -> NOT_FOUND;
            case ResourceLimitException i -> TOO_LARGE;
            case OverloadedException i -> UNAVAILABLE;
            case InterruptedPredictionException i -> UNAVAILABLE;
            case CancelledPredictionException i -> CANCELLED;
            case DeadlineExceededException i -> EXPIRED;
            default -> BROKEN;
        };
    }

    /**
     * The text that a client gets: at most some 300 characters, since it may repeat what the client has sent. Logs an error, and
     * an exception of the kind {@link #BROKEN}, with its stack trace.
     *
     * @param e the exception that the request ended with
     * @return its message; where to look if the server is at fault
     */
    public static String message(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            LOG.log(System.Logger.Level.WARNING, "there was not enough memory for a request", e);
            return "the server has not enough memory for this request now; try again, or send a smaller one";
        }
        if (of(e) != BROKEN) {
            return cut(String.valueOf(e.getMessage()));
        }
        LOG.log(System.Logger.Level.ERROR, "a request failed", e);
        return "the server failed; its log says why";
    }

    /** Takes the middle out of a long text, and halves of characters, which no encoding has, out of any. */
    static String cut(String text) {
        String shorter = text.length() <= MOST_CHARS
                ? text
                : text.substring(0, MOST_CHARS - END_CHARS) + " ... [" + text.length() + " characters] ... "
                        + text.substring(text.length() - END_CHARS);
        return new String(shorter.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
