package dev.tenon.samples.serve;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer of the server.
 *
 * @param status the status of HTTP
 * @param type the type of its content
 * @param body the content
 * @param headers its other headers
 */
record Answer(int status, String type, byte[] body, Map<String, String> headers) {
    private static final String JSON = "application/json";

    /** Is there when memory ends. */
    private static final Answer NO_MEMORY = error(Failure.UNAVAILABLE, "the server has no memory left; try again");

    /** The answer to a connection for which there is no room. */
    static final Answer NO_ROOM = error(Failure.UNAVAILABLE, "the server has too many connections; try again");

    Answer(int status, String type, byte[] body) {
        this(status, type, body, Map.of());
    }

    /** JSON with status 200. */
    static Answer json(byte[] body) {
        return new Answer(200, JSON, body);
    }

    /** The answer to a request that fails. */
    static Answer error(Failure failure, String message) {
        Answer answer = new Answer(failure.status(), JSON, Json.of("error", message));
        return failure == Failure.UNAVAILABLE ? answer.with("Retry-After", "1") : answer;
    }

    /** The answer to a request that failed by an exception or an error. */
    static Answer failed(Throwable e) {
        try {
            return error(Failure.of(e), Failure.message(e));
        } catch (OutOfMemoryError again) {
            return NO_MEMORY;
        }
    }

    /** The words for the status. */
    String reason() {
        for (Failure failure : Failure.values()) {
            if (failure.status() == status) {
                return failure.reason();
            }
        }
        return "OK";
    }

    /** The same with one more header. */
    Answer with(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new Answer(status, type, body, all);
    }
}
