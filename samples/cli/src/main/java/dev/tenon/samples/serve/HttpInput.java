package dev.tenon.samples.serve;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * The requests that come by a connection: heads, and bodies of a length that is told or in chunks. It is strict: whatever two
 * readers could understand in two ways is refused, and the connection can't be read further. For one thread.
 */
final class HttpInput {
    private static final int HEAD_BYTES = 1 << 14;
    private static final int CHUNK_LINE_BYTES = 256;
    private static final int BUFFER_BYTES = 1 << 13;

    /** The longest body that is passed over, so that the connection can stay open. */
    private static final int SKIPPED_BYTES = 1 << 16;

    private final InputStream in;
    private final BooleanSupplier expired;
    private final HttpLimits limits;

    /** The bytes of the body, or of its chunk, that were not read yet. */
    private long left;

    private boolean chunked;
    private boolean firstChunk;
    private long bodyBytes;

    /**
     * Reads a stream.
     *
     * @param in the bytes of a client
     * @param expired whether the stream ends because the client took too long
     * @param limits the limits of requests
     */
    HttpInput(InputStream in, BooleanSupplier expired, HttpLimits limits) {
        this.in = new BufferedInputStream(in, BUFFER_BYTES);
        this.expired = expired;
        this.limits = limits;
    }

    /** Waits for the first byte of a request. False if there is none any more. */
    boolean awaitRequest() throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            return false;
        }
        in.reset();
        return true;
    }

    private int next() throws IOException {
        int b = in.read();
        return b < 0 ? ended() : b;
    }

    private int ended() {
        throw expired.getAsBoolean()
                ? new RequestException(Failure.SLOW, "the request took too long to arrive")
                : RequestException.bad("the request ends before its headers or its body do");
    }

    /** Reads the head of a request. */
    HttpHead head() throws IOException {
        HttpHead head = HttpHead.read(lines(HEAD_BYTES, Failure.HEAD_TOO_LARGE));
        String length = head.header("Content-Length");
        String coding = head.header("Transfer-Encoding");
        if (length != null && coding != null) {
            throw RequestException.bad("the request has both Content-Length and Transfer-Encoding; allowed is one");
        }
        if (length != null && !length.matches("[0-9]{1,18}")) {
            throw RequestException.bad("Content-Length is '" + length + "'; allowed is one number of bytes");
        }
        if (coding != null && !coding.equalsIgnoreCase("chunked")) {
            throw RequestException.bad("Transfer-Encoding is '" + coding + "'; allowed is chunked");
        }
        String expect = head.header("Expect");
        if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
            throw new RequestException(Failure.UNEXPECTED, "Expect is '" + expect + "'; allowed is 100-continue");
        }
        chunked = coding != null;
        firstChunk = true;
        bodyBytes = 0;
        left = length == null ? 0 : Long.parseLong(length);
        return head;
    }

    private HttpHead.Lines lines(int most, Failure tooLong) {
        byte[] line = new byte[Math.min(most, BUFFER_BYTES)];
        int[] all = new int[1];
        return () -> line(line, all, most, tooLong);
    }

    /** Reads a line. Both CR LF and LF end it; other control characters are refused. */
    private String line(byte[] first, int[] all, int most, Failure tooLong) throws IOException {
        byte[] line = first;
        int n = 0;
        while (true) {
            int b = next();
            if (++all[0] > most) {
                throw new RequestException(tooLong, "a line or the headers have more than " + most + " bytes");
            }
            if (b == '\n') {
                return new String(line, 0, n > 0 && line[n - 1] == '\r' ? n - 1 : n, StandardCharsets.ISO_8859_1);
            }
            if (n > 0 && line[n - 1] == '\r' || b < ' ' && b != '\t' && b != '\r' || b == 0x7f) {
                throw RequestException.bad("the request has a control character in a line");
            }
            if (n == line.length) {
                line = Arrays.copyOf(line, 2 * n);
            }
            line[n++] = (byte) b;
        }
    }

    /** Refuses a body that is too large, before any of it is read. */
    void checkBody() {
        if (bodyBytes + left > limits.bodyBytes()) {
            throw new RequestException(Failure.TOO_LARGE, "the body has more than " + limits.bodyBytes() + " bytes");
        }
    }

    /** Whether nothing of a body is left. */
    boolean isAtEnd() {
        return !chunked && left == 0;
    }

    /**
     * Reads the rest of the body.
     *
     * @param memory is asked before memory is taken. The caller gives it back
     * @return the bytes
     */
    byte[] body(Memory memory) throws IOException {
        byte[] body = new byte[(int) Math.min(chunked ? BodyMemory.FREE_BYTES : left, BodyMemory.FREE_BYTES)];
        int n = 0;
        while (hasMore()) {
            if (n == body.length) {
                int longer = (int) Math.min(2L * n, chunked ? limits.bodyBytes() : n + left);
                memory.take(longer - n);
                body = Arrays.copyOf(body, longer);
            }
            int read = in.read(body, n, (int) Math.min(left, body.length - n));
            if (read < 0) {
                ended();
            }
            n += read;
            left -= read;
        }
        return n == body.length ? body : Arrays.copyOf(body, n);
    }

    /** Counts the memory of a body. */
    @FunctionalInterface
    interface Memory {
        /** Takes so many bytes more, or throws. */
        void take(long bytes);
    }

    /** Whether more of the body follows; then {@link #left} is positive. */
    private boolean hasMore() throws IOException {
        if (left > 0 || !chunked) {
            return left > 0;
        }
        HttpHead.Lines lines = lines(CHUNK_LINE_BYTES, Failure.INVALID);
        if (!firstChunk && !lines.next().isEmpty()) {
            throw RequestException.bad("a chunk of the body has more bytes than it tells");
        }
        firstChunk = false;
        String line = lines.next();
        String size = line.split(";", 2)[0].strip();
        if (!size.matches("[0-9A-Fa-f]{1,15}")) {
            throw RequestException.bad("the size of a chunk is '" + size + "'; allowed are 1 to 15 hexadecimal digits");
        }
        left = Long.parseLong(size, 16);
        checkBody();
        bodyBytes += left;
        if (left == 0) {
            HttpHead.headers(lines(HEAD_BYTES, Failure.HEAD_TOO_LARGE));
            chunked = false;
        }
        return left > 0;
    }

    /** Whether the rest of the body is so short that it may be passed over. */
    boolean isShort() {
        return !chunked && left <= SKIPPED_BYTES;
    }

    /** Passes over the rest of a body that is not in chunks. */
    void skipBody() throws IOException {
        in.skipNBytes(left);
        left = 0;
    }

    /** Reads until the client has nothing more to say. */
    void drain() throws IOException {
        in.transferTo(OutputStream.nullOutputStream());
    }
}
