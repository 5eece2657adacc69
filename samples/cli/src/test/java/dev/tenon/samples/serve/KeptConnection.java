package dev.tenon.samples.serve;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A client of HTTP/1.1 with one connection, which it keeps until the server closes it. It sends each request once and reads the
 * whole answer: nothing is ever tried again. Not thread-safe.
 */
final class KeptConnection implements AutoCloseable {
    /**
     * An answer.
     *
     * @param status its status
     * @param headers its headers, by names in lower case
     * @param body its body
     */
    record Answer(int status, Map<String, String> headers, String body) {
        /** Whether the server closes the connection after it. */
        boolean closes() {
            return "close".equals(headers.get("connection"));
        }
    }

    /** An answer that comes later than this never comes. */
    private static final int PATIENCE_MILLIS = 60_000;

    private final int port;
    private Socket socket;
    private InputStream in;
    private HttpAnswers answers;

    KeptConnection(int port) {
        this.port = port;
    }

    /** Sends a request, and reads the answer. The headers are names and values. */
    Answer send(String method, String path, byte[] body, List<String> headers) throws IOException {
        StringBuilder head = new StringBuilder()
                .append(method)
                .append(' ')
                .append(path)
                .append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        for (int i = 0; i < headers.size(); i += 2) {
            head.append(headers.get(i)).append(": ").append(headers.get(i + 1)).append("\r\n");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(body);
        write(all.toByteArray());
        return read();
    }

    private void open() throws IOException {
        if (socket == null) {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
            answers = new HttpAnswers(in);
        }
    }

    /** Sends bytes, which need not be a request. */
    void write(byte[] bytes) throws IOException {
        open();
        socket.getOutputStream().write(bytes);
    }

    /** Sends text, which need not be a request. */
    void write(String text) throws IOException {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends nothing more; answers can be read. */
    void end() throws IOException {
        open();
        socket.shutdownOutput();
    }

    /** Waits until the server has closed the connection. False if it says something instead. */
    boolean isEnded() throws IOException {
        open();
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            // It was closed while bytes were on their way to it.
            return true;
        }
    }

    /** Reads an answer. */
    Answer read() throws IOException {
        return read(true);
    }

    /** Reads an answer, which has no body if the method was HEAD. */
    Answer read(boolean hasBody) throws IOException {
        open();
        if (!answers.next(hasBody)) {
            throw new EOFException("the server closed the connection before it answered");
        }
        Answer answer =
                new Answer(answers.status(), answers.headers(), new String(answers.body(), StandardCharsets.UTF_8));
        if (answer.closes()) {
            close();
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }
}
