package dev.tenon.samples.serve;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Reads the answers that come by a connection, strictly. For one thread. */
final class HttpAnswers {
    private final InputStream in;
    private int status;
    private Map<String, String> headers = Map.of();
    private byte[] body = {};

    HttpAnswers(InputStream in) {
        this.in = in;
    }

    /** Reads the next answer. False if the connection ends before it. */
    boolean next() throws IOException {
        return next(true);
    }

    /** Reads the next answer, which has no body if the method was HEAD. False if the connection ends before it. */
    boolean next(boolean hasBody) throws IOException {
        int first = in.read();
        if (first < 0) {
            return false;
        }
        String line = (char) first + line();
        if (!line.matches("HTTP/1\\.1 [1-5][0-9]{2} .*")) {
            throw new IOException("the answer begins with " + line);
        }
        status = Integer.parseInt(line.substring(9, 12));
        headers = new HashMap<>();
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            String old = headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
            if (old != null) {
                throw new IOException("the answer has two headers " + header.substring(0, colon));
            }
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        body = in.readNBytes(hasBody ? length : 0);
        if (hasBody && body.length < length) {
            throw new EOFException("the answer ends after " + body.length + " of " + length + " bytes");
        }
        return true;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the server closed the connection after: " + line);
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** The status. */
    int status() {
        return status;
    }

    /** The headers, by names in lower case. */
    Map<String, String> headers() {
        return headers;
    }

    /** The content. */
    byte[] body() {
        return body;
    }
}
