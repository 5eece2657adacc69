package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.samples.serve.KeptConnection.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with 512 MB of heap and limits of its own, hostile clients of all kinds at once, and others that do what they should:
 * these get the right results, not much later than usual. {@code -Dtenon.soak.seconds} sets the time.
 */
class HostileClientsTest {
    private static final int LARGE = 15 << 20;
    private static final long SECONDS = Long.getLong("tenon.soak.seconds", 300);
    private static final int GOOD_CLIENTS = 4;

    /** Longer than this, nobody would wait. It is the deadline of predictions. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final String INFER = "POST " + MalformedRequests.INFER + " HTTP/1.1\r\nHost: x\r\n";

    /** What a hostile client does, and how many of them do it. */
    private enum Kind {
        SLOW_HEADERS(300),
        SLOW_BODIES(300),
        HELD_BODIES(100),
        ABORTED(8),
        HUGE(3),
        IDLE(200),
        DEAF(8);

        private final int clients;

        Kind(int clients) {
            this.clients = clients;
        }
    }

    @TempDir
    private Path folder;

    private final Map<Kind, LongAdder> turns = new EnumMap<>(Kind.class);
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Long> times = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger again = new AtomicInteger();
    private volatile boolean ended;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aShortTime() throws Exception {
        soak(6, 10);
    }

    @Test
    @Tag("exhaustive")
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void aLongTime() throws Exception {
        assertThat(soak(SECONDS, 1)).as("the longest call").isLessThan(MOST_NANOS);
    }

    /** Lets clients at a server; one of so many of the hostile ones. Returns the longest time of a good call, nanoseconds. */
    private long soak(long seconds, int oneOf) throws Exception {
        long seed = System.nanoTime();
        System.out.println("HostileClientsTest seed " + seed);
        Path model = folder.resolve("scale.onnx");
        TestRepository.scale(10).save(model);
        List<String> limits = List.of("scale:1=" + model, "--idle", "5", "--head", "2", "--body", "4", "--answer", "4");
        SplittableRandom seeds = new SplittableRandom(seed);
        try (ServerProcess server = ServerProcess.start(folder, List.of("-Xmx512m"), limits)) {
            List<Future<?>> good = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                    ExecutorService others = Executors.newThreadPerTaskExecutor(Thread::new)) {
                for (Kind kind : Kind.values()) {
                    turns.put(kind, new LongAdder());
                    for (int i = 0; i < Math.max(1, kind.clients / oneOf); i++) {
                        SplittableRandom random = seeds.split();
                        // What computes here must not slow down the clients whose times count.
                        (kind == Kind.HUGE || kind == Kind.HELD_BODIES ? others : threads)
                                .execute(() -> hostile(kind, server.port(), random));
                    }
                }
                for (int i = 0; i < GOOD_CLIENTS; i++) {
                    SplittableRandom random = seeds.split();
                    good.add(others.submit(() -> {
                        good(server.port(), random);
                        return null;
                    }));
                }
                Thread.sleep(TimeUnit.SECONDS.toMillis(seconds));
                ended = true;
                for (Future<?> client : good) {
                    client.get();
                }
                open.forEach(HostileClientsTest::close);
            }
            long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
            System.out.println("HostileClientsTest: " + turns + "; " + sorted.length + " good calls, " + again
                    + " tried again, p50 " + millis(sorted, 0.5) + ", p99 " + millis(sorted, 0.99) + ", longest "
                    + millis(sorted, 1) + " ms; resident " + server.resident() + " kB");
            assertThat(wrong).isEmpty();
            assertThat(sorted).isNotEmpty();
            isClean(server);
            return sorted[sorted.length - 1];
        }
    }

    private static long millis(long[] sorted, double share) {
        return TimeUnit.NANOSECONDS.toMillis(sorted[(int) Math.min(sorted.length - 1, sorted.length * share)]);
    }

    /** The server has forgotten all hostile clients, and was never at fault. */
    private static void isClean(ServerProcess server) throws Exception {
        String metrics;
        do {
            Thread.sleep(100);
            try (KeptConnection client = new KeptConnection(server.port())) {
                metrics = client.send("GET", "/metrics", new byte[0], List.of()).body();
            }
        } while (!metrics.contains("\ntenon_http_connections 1\n"));
        assertThat(metrics).contains("\ntenon_http_body_bytes 0\n").doesNotContain("status=\"500\"");
        List<String> statuses = Arrays.stream(metrics.split("\n"))
                .filter(l -> l.startsWith("tenon_http_responses_total"))
                .toList();
        System.out.println(statuses + ", out of memory "
                + (server.log().split("there was not enough memory", -1).length - 1) + " times");
        assertThat(server.log()).doesNotContain("a request failed");
    }

    private void hostile(Kind kind, int port, SplittableRandom random) {
        while (!ended) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                open.add(socket);
                socket.setSoTimeout((int) TimeUnit.MINUTES.toMillis(2));
                attack(kind, socket, random);
                Thread.sleep(random.nextInt(50, 200));
                open.remove(socket);
            } catch (IOException e) {
                // The server has ended it, which is its right.
            } catch (InterruptedException e) {
                return;
            }
            turns.get(kind).increment();
        }
    }

    private void attack(Kind kind, Socket socket, SplittableRandom random) throws IOException, InterruptedException {
        switch (kind) {
            case SLOW_HEADERS -> slowly(socket, "GET / HTTP/1.1\r\nHost: x\r\nX: ", random);
            case SLOW_BODIES -> slowly(socket, INFER + "Content-Length: 100000\r\n\r\n{", random);
            case HELD_BODIES -> {
                send(socket, INFER + "Content-Length: " + LARGE + "\r\n\r\n");
                byte[] part = new byte[LARGE / 240];
                for (int i = 1; i < 240 && socket.getInputStream().available() == 0; i++) {
                    socket.getOutputStream().write(part);
                }
                readAll(socket);
            }
            case ABORTED -> {
                send(socket, INFER + "Content-Length: 1000\r\n\r\n{\"inputs\":[");
                // The connection is reset, not ended.
                socket.setSoLinger(true, 0);
            }
            case HUGE -> {
                String body = huge(random);
                send(socket, INFER + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                String answer = readAll(socket);
                if (!answer.startsWith("HTTP/1.1 4") && !answer.startsWith("HTTP/1.1 503")) {
                    wrong.add(answer.substring(0, Math.min(300, answer.length())));
                }
            }
            case IDLE -> readAll(socket);
            case DEAF -> {
                String many = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
                while (!ended) {
                    send(socket, many);
                }
            }
        }
    }

    private void slowly(Socket socket, String start, SplittableRandom random) throws IOException, InterruptedException {
        send(socket, start);
        while (!ended) {
            Thread.sleep(random.nextInt(50, 200));
            send(socket, "x");
        }
    }

    private static String huge(SplittableRandom random) {
        String good = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S);
        return switch (random.nextInt(7)) {
            case 0 -> "[".repeat(LARGE);
            case 1 -> good.replace("[1,2,3,4,5,6]", "[" + "0,".repeat(LARGE / 2) + "0]");
            case 2 -> good.replace("[1,2,3,4,5,6]", "[" + "\"a\",".repeat(LARGE / 4) + "\"a\"]");
            case 3 -> good.replace("\"id\"", "\"" + "x".repeat(LARGE) + "\"");
            case 4 -> good.replace("[2,3]", "[" + "9".repeat(LARGE) + "]");
            case 5 -> "{\"inputs\":[" + MalformedRequests.X + ",{}".repeat(LARGE / 3);
            default -> " ".repeat(LARGE) + good + "x";
        };
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Calls again and again, by new connections and by kept ones. */
    private void good(int port, SplittableRandom random) throws IOException, InterruptedException {
        KeptConnection client = new KeptConnection(port);
        while (!ended) {
            int[] x = random.ints(6, 0, 1000).toArray();
            String data = Arrays.toString(x).replace(" ", "");
            String expected = Arrays.toString(
                            Arrays.stream(x).asDoubleStream().map(v -> v * 10).toArray())
                    .replace(" ", "");
            byte[] body = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S)
                    .replace("[1,2,3,4,5,6]", data)
                    .getBytes(StandardCharsets.UTF_8);
            long start = System.nanoTime();
            Answer answer = null;
            while (answer == null) {
                try {
                    answer = client.send("POST", MalformedRequests.INFER, body, List.of());
                } catch (IOException e) {
                    // Where many wait, a connection may be given up for another: clients of HTTP try again then.
                    again.incrementAndGet();
                    client.close();
                }
            }
            times.add(System.nanoTime() - start);
            if (answer.status() != 200 || !answer.body().contains("\"data\":" + expected)) {
                wrong.add(data + " -> " + answer);
            }
            if (random.nextBoolean()) {
                client.close();
            }
            Thread.sleep(random.nextInt(20));
        }
        client.close();
    }
}
