package dev.tenon.samples.serve;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A request. Its body is read when it is asked for. For one thread. */
final class HttpRequest {
    private final HttpConnection connection;
    private final HttpInput input;
    private final HttpHead head;
    private long taken;
    private boolean isReading;
    private boolean isRead;

    /** Reads the head of a request. */
    HttpRequest(HttpConnection connection, HttpInput input) throws IOException {
        this.connection = connection;
        this.input = input;
        this.head = input.head();
    }

    /** The request line and the headers. */
    HttpHead head() {
        return head;
    }

    /** Reads the body; empty if there is none. */
    byte[] body() {
        if (isReading) {
            throw new IllegalStateException("the body was read before");
        }
        input.checkBody();
        isReading = true;
        try {
            boolean isExpected = head.header("Expect") != null && !input.isAtEnd();
            byte[] body = connection.body(input, isExpected, this::take);
            isRead = true;
            return body;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void take(long bytes) {
        connection.memory().take(taken, bytes);
        taken += bytes;
    }

    /** Gives the memory of the body back. */
    void release() {
        connection.memory().give(taken);
        taken = 0;
    }

    /** Whether the connection can have another request: where it begins is known, and not far away. */
    boolean isPersistent() {
        // A client that waits until it may send the body will send it, or not.
        boolean waits = head.header("Expect") != null;
        return head.isPersistent() && (isRead || !isReading && !waits && input.isShort());
    }
}
