package dev.tenon.hub;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server of HTTP on this machine that answers as a test says, also in ways that HTTP forbids. */
final class FaultyServer implements AutoCloseable {
    /** One request as it came. */
    record Request(String method, String target, Map<String, String> headers) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** The first byte that is asked for. */
        int from() {
            return header("range").isEmpty()
                    ? 0
                    : Integer.parseInt(header("range").replaceAll("[^0-9]", ""));
        }
    }

    /** Answers a request. */
    @FunctionalInterface
    interface Handler {
        /**
         * The answer.
         *
         * @param request what is asked
         * @param number how many requests came before
         * @return the answer
         */
        Reply answer(Request request, int number);
    }

    private final ServerSocket socket;
    private final Handler handler;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    FaultyServer(Handler handler) {
        this.handler = handler;
        try {
            socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> {
            while (!socket.isClosed()) {
                try {
                    Socket connection = socket.accept();
                    Thread.ofVirtual().start(() -> serve(connection));
                } catch (IOException e) {
                    // The test is over.
                }
            }
        });
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + target);
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    long count(String method) {
        return requests.stream().filter(each -> each.method().equals(method)).count();
    }

    private void serve(Socket connection) {
        try (connection;
                InputStream in = new BufferedInputStream(connection.getInputStream());
                OutputStream out = connection.getOutputStream()) {
            String[] first = line(in).split(" ");
            if (first.length < 2) {
                return;
            }
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String[] parts = line.split(": ?", 2);
                headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
            }
            Request request = new Request(first[0], first[1], headers);
            int number;
            synchronized (requests) {
                number = requests.size();
                requests.add(request);
            }
            handler.answer(request, number).send(request, out, end);
        } catch (IOException e) {
            // The client went away.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        end.countDown();
        socket.close();
    }

    /** An answer and its faults. */
    static final class Reply {
        private final int status;
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private byte[] body = {};
        private int cut = Integer.MAX_VALUE;
        private boolean stalls;
        private boolean isMute;
        private int slice = Integer.MAX_VALUE;
        private long pauseMillis;
        private boolean isChunked;

        private Reply(int status) {
            this.status = status;
        }

        static Reply status(int status) {
            return new Reply(status);
        }

        /** A file, or the part of it that is asked for. */
        static Reply file(Request request, byte[] content, String etag) {
            int from = request.from();
            boolean isSame = request.header("if-range").isEmpty()
                    || request.header("if-range").equals(etag);
            Reply reply;
            if (from >= content.length && from > 0 && isSame) {
                reply = status(416);
            } else if (from > 0 && isSame) {
                reply = status(206)
                        .header("content-range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length)
                        .body(Arrays.copyOfRange(content, from, content.length));
            } else {
                reply = status(200).body(content);
            }
            return etag.isEmpty() ? reply : reply.header("etag", etag);
        }

        Reply header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        Reply body(byte[] content) {
            body = content;
            headers.put("content-length", Integer.toString(content.length));
            return this;
        }

        /** Ends the connection after some bytes of the body. */
        Reply cut(int bytes) {
            cut = bytes;
            return this;
        }

        /** Sends nothing more after some bytes of the body. */
        Reply stall(int bytes) {
            cut = bytes;
            stalls = true;
            return this;
        }

        /** Sends nothing at all. */
        Reply mute() {
            isMute = true;
            return this;
        }

        Reply slow(int bytes, long millis) {
            slice = bytes;
            pauseMillis = millis;
            return this;
        }

        /** Does not tell the length. */
        Reply chunked() {
            isChunked = true;
            headers.remove("content-length");
            headers.put("transfer-encoding", "chunked");
            return this;
        }

        private void send(Request request, OutputStream out, CountDownLatch end)
                throws IOException, InterruptedException {
            if (isMute) {
                end.await();
                return;
            }
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Answer\r\nConnection: close\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            if (body.length == 0 && !headers.containsKey("content-length") && !isChunked) {
                head.append("content-length: 0\r\n");
            }
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
            if (!request.method().equals("HEAD")) {
                sendBody(out);
            }
            out.flush();
            if (stalls) {
                end.await();
            }
        }

        private void sendBody(OutputStream out) throws IOException, InterruptedException {
            int length = Math.min(body.length, cut);
            for (int at = 0; at < length; ) {
                int count = Math.min(slice, length - at);
                if (isChunked) {
                    out.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                }
                out.write(body, at, count);
                if (isChunked) {
                    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                out.flush();
                at += count;
                if (pauseMillis > 0) {
                    Thread.sleep(pauseMillis);
                }
            }
            if (isChunked && length == body.length) {
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }
}
