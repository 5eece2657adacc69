package dev.tenon.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeoutException;

/** Turns errors of the server and of connections into those of the client. */
final class Failures {
    private static final int MOST_CHARS = 400;

    private Failures() {}

    /** The error of a status that is not 200. */
    static ClientException ofStatus(String call, HttpResponse<byte[]> answer) {
        int status = answer.statusCode();
        return new ClientException(
                reason(status), status, call + ": the server answered " + status + ": " + message(answer.body()), null);
    }

    private static ClientException.Reason reason(int status) {
        return switch (status) {
            case 400 -> ClientException.Reason.INVALID;
            case 401, 403 -> ClientException.Reason.FORBIDDEN;
            case 404 -> ClientException.Reason.NOT_FOUND;
            case 408, 504 -> ClientException.Reason.DEADLINE;
            case 413, 431 -> ClientException.Reason.TOO_LARGE;
            case 503 -> ClientException.Reason.UNAVAILABLE;
            default -> ClientException.Reason.SERVER;
        };
    }

    private static String message(byte[] body) {
        try {
            String text = Json.member(Json.read(body, body.length), "error", String.class);
            return text.length() <= MOST_CHARS ? text : text.substring(0, MOST_CHARS) + " ...";
        } catch (ClientException e) {
            return "without a message of Tenon's server; see what stands between";
        }
    }

    /** The error of an exchange that ended without an answer. */
    static ClientException ofThrowable(String call, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClientException own) {
                return own;
            }
            if (cause instanceof TimeoutException) {
                return deadline(call);
            }
            if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
                return ClientException.of(
                        ClientException.Reason.UNREACHABLE,
                        call,
                        "no connection" + said(cause),
                        "a server that listens",
                        "see whether it runs, and its address",
                        e);
            }
        }
        Throwable last = e;
        while (!(last instanceof IOException) && last.getCause() != null) {
            last = last.getCause();
        }
        return ClientException.of(
                ClientException.Reason.BROKEN_CONNECTION,
                call,
                "the connection broke" + said(last),
                "an answer as HTTP has it",
                "call again if the call may be done twice",
                e);
    }

    /** The error of an answer that could not be read. */
    static ClientException ofReading(String call, Throwable e) {
        if (e instanceof ClientException own) {
            return own;
        }
        boolean isMemory = e instanceof OutOfMemoryError;
        return ClientException.of(
                isMemory ? ClientException.Reason.TOO_LARGE : ClientException.Reason.MALFORMED_ANSWER,
                call,
                isMemory ? "no memory for the answer" : "an answer that could not be read" + said(e),
                isMemory ? "answers for which the heap has room" : "an answer of the protocol",
                isMemory ? "raise -Xmx, or lower TenonClient.maxAnswerBytes" : "report this as a fault of the client",
                e);
    }

    static ClientException deadline(String call) {
        return ClientException.of(
                ClientException.Reason.DEADLINE,
                call,
                "no answer in time",
                "an answer within the timeout",
                "raise TenonClient.timeout, or send fewer rows");
    }

    private static String said(Throwable e) {
        return e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
    }
}
