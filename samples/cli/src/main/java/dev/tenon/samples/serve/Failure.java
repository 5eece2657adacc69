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

/** The kinds of failed requests, whatever protocol they came by. */
public enum Failure {
    /** The client must change the request. */
    INVALID(400),
    /** The server was not started for requests of this kind. */
    FORBIDDEN(403),
    /** There is no such model, version or operation. */
    NOT_FOUND(404),
    /** The operation takes another method of HTTP. */
    WRONG_METHOD(405),
    /** The request, or a tensor of it, is too large. */
    TOO_LARGE(413),
    /** The server is at fault. */
    BROKEN(500),
    /** Too much waits, or the server stops: the client may try again. */
    UNAVAILABLE(503),
    /** The client gave up. */
    CANCELLED(503),
    /** The deadline passed. */
    EXPIRED(504);

    private final int status;

    Failure(int status) {
        this.status = status;
    }

    /** {@return the status code of HTTP} */
    public int status() {
        return status;
    }

    /**
     * The kind of an exception that a request ended with.
     *
     * @param e the exception
     * @return its kind, {@link #BROKEN} if no other fits
     */
    public static Failure of(RuntimeException e) {
        return switch (e) {
            case RequestException r -> r.failure();
            case TenonException t -> ofTenon(t);
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
     * The text that a client gets. Logs an exception of the kind {@link #BROKEN}, with its stack trace.
     *
     * @param e the exception that the request ended with
     * @return its message; where to look if the server is at fault
     */
    public static String message(RuntimeException e) {
        if (of(e) != BROKEN) {
            return String.valueOf(e.getMessage());
        }
        System.getLogger("dev.tenon.samples.serve").log(System.Logger.Level.ERROR, "a request failed", e);
        return "the server failed; its log says why";
    }
}
