package dev.tenon.samples.serve;

import dev.tenon.samples.serve.Connections.Phase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/**
 * A connection of a client: reads requests one after another, lets the server answer them, and sends the answers. A failure of any
 * kind ends this connection at most. One thread runs it; any thread may end it.
 */
final class HttpConnection implements Runnable {
    private static final System.Logger LOG = System.getLogger("dev.tenon.samples.serve");

    /** Shorter answers are sent with their headers at once. */
    private static final int SHORT_BYTES = 1 << 14;

    private final Socket socket;
    private final HttpListener listener;
    private volatile boolean expired;

    HttpConnection(Socket socket, HttpListener listener) {
        this.socket = socket;
        this.listener = listener;
    }

    /** Ends the connection at once. */
    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a connection was closed", e);
        }
    }

    /** Ends the request that is read: it takes too long. */
    void expire() {
        expired = true;
        try {
            // The thread that reads goes on, and can still answer.
            socket.shutdownInput();
        } catch (IOException e) {
            close();
        }
    }

    @Override
    public void run() {
        try {
            socket.setTcpNoDelay(true);
            HttpInput input = new HttpInput(socket.getInputStream(), () -> expired, listener.limits());
            boolean goesOn = input.awaitRequest() && exchange(input);
            while (goesOn && enter(Phase.IDLE) && input.awaitRequest()) {
                begin(Phase.HEAD);
                goesOn = exchange(input);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client has gone", e);
        } catch (RuntimeException | Error e) {
            HttpListener.log(e);
        } finally {
            close();
            listener.connections().remove(this);
        }
    }

    /** Tells the client that there is no room for it. Its connection was not added. */
    void refuse() {
        try {
            send(Answer.NO_ROOM, false, false);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client has gone", e);
        } finally {
            close();
        }
    }

    private boolean enter(Phase phase) {
        return listener.connections().enter(this, phase);
    }

    private void begin(Phase phase) throws IOException {
        if (!enter(phase)) {
            throw new IOException("the connection was given up");
        }
    }

    /** Answers a request. False if the connection can't have another one. */
    private boolean exchange(HttpInput input) throws IOException {
        HttpRequest request = null;
        Answer answer;
        boolean persistent;
        try {
            try {
                request = new HttpRequest(this, input);
                begin(Phase.WORK);
                answer = listener.handler().answer(request);
                persistent = request.isPersistent();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            } catch (RuntimeException e) {
                answer = Answer.failed(e);
                persistent = request != null && request.isPersistent();
            } catch (Error e) {
                // It ends this request only: all that the request held is free when the connection ends.
                answer = Answer.failed(e);
                persistent = false;
            }
            begin(Phase.ANSWER);
            send(answer, persistent, request != null && request.head().method().equals("HEAD"));
        } finally {
            if (request != null) {
                request.release();
            }
        }
        if (persistent && !input.isAtEnd()) {
            begin(Phase.BODY);
            input.skipBody();
        } else if (!persistent) {
            linger(input);
        }
        return persistent;
    }

    /** Passes over what the client still sends: otherwise the system drops the answer that is on its way. */
    private void linger(HttpInput input) throws IOException {
        begin(Phase.LINGER);
        socket.shutdownOutput();
        input.drain();
    }

    private void send(Answer answer, boolean persistent, boolean isHead) throws IOException {
        listener.answered(answer.status());
        StringBuilder head = new StringBuilder()
                .append("HTTP/1.1 ")
                .append(answer.status())
                .append(' ')
                .append(answer.reason())
                .append("\r\nDate: ")
                .append(DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)))
                .append("\r\nContent-Type: ")
                .append(answer.type())
                .append("\r\nContent-Length: ")
                .append(answer.body().length);
        for (Map.Entry<String, String> header : answer.headers().entrySet()) {
            head.append("\r\n").append(header.getKey()).append(": ").append(header.getValue());
        }
        head.append("\r\nConnection: ")
                .append(persistent ? "keep-alive" : "close")
                .append("\r\n\r\n");
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        first.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        OutputStream out = socket.getOutputStream();
        if (isHead || answer.body().length > SHORT_BYTES) {
            first.writeTo(out);
        }
        if (!isHead && answer.body().length > SHORT_BYTES) {
            out.write(answer.body());
        } else if (!isHead) {
            first.writeBytes(answer.body());
            first.writeTo(out);
        }
    }

    /** Reads a body, or throws if there is no memory for it. */
    byte[] body(HttpInput input, boolean isExpected, HttpInput.Memory memory) throws IOException {
        begin(Phase.BODY);
        if (isExpected) {
            socket.getOutputStream().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        byte[] body = input.body(memory);
        begin(Phase.WORK);
        return body;
    }

    /** The memory of all bodies. */
    BodyMemory memory() {
        return listener.memory();
    }
}
