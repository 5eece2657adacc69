package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.samples.serve.KeptConnection.Answer;
import dev.tenon.samples.serve.MalformedRequests.Malformed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many requests from many connections to a server in a process of its own, a tenth of them malformed: every answer is right, or
 * the right status. Another version is loaded and promoted in the middle. In the long campaign the memory of the server does not
 * grow; in the short one the compiler still works, and what it takes says nothing.
 */
class ServerCampaignTest {
    private static final int BODY_MEGABYTES = 1;
    private static final int MALFORMED_EVERY = 10;
    private static final int BINARY_EVERY = 4;
    private static final double GROWTH = 1.1;

    @TempDir
    Path folder;

    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger malformed = new AtomicInteger();
    private final AtomicInteger second = new AtomicInteger();
    private volatile boolean promoted;
    private volatile boolean notPromoted;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void someConnections() throws Exception {
        campaign(10, 2_000);
    }

    @Test
    @Tag("exhaustive")
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void manyConnections() throws Exception {
        Resident resident = campaign(200, 100_000);
        assertThat((double) resident.end()).isLessThan(resident.afterAQuarter() * GROWTH);
    }

    /** The memory of the server, kB. */
    private record Resident(long afterAQuarter, long end) {}

    private Resident campaign(int connections, int requests) throws Exception {
        long seed = System.nanoTime();
        System.out.println("ServerCampaignTest seed " + seed);
        Path one = folder.resolve("one.onnx");
        TestRepository.scale(10).save(one);
        try (ServerProcess server = serve("scale:1=" + one)) {
            int port = server.port();
            List<Malformed> bad = MalformedRequests.all(BODY_MEGABYTES << 20);
            assertThat(bad).hasSizeGreaterThanOrEqualTo(30);
            CountDownLatch warm = new CountDownLatch(requests / 4);
            CountDownLatch half = new CountDownLatch(requests / 2);
            List<Future<?>> clients = new ArrayList<>();
            long before;
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                SplittableRandom seeds = new SplittableRandom(seed);
                for (int c = 0; c < connections; c++) {
                    SplittableRandom random = seeds.split();
                    clients.add(threads.submit(() -> {
                        try (KeptConnection connection = new KeptConnection(port)) {
                            while (goesOn(requests)) {
                                request(connection, bad, random);
                                answered.incrementAndGet();
                                warm.countDown();
                                half.countDown();
                            }
                        }
                        return null;
                    }));
                }
                before = residentAfter(warm, clients, server);
                promoteAfter(half, clients, port);
            }
            for (Future<?> client : clients) {
                client.get();
            }
            long after = server.resident();
            int all = answered.get();
            System.out.println("ServerCampaignTest: " + all + " requests, " + malformed + " malformed, " + second
                    + " by version 3, resident " + before + " kB after a quarter, " + after + " kB at the end");
            assertThat(malformed.get()).isBetween(all / MALFORMED_EVERY / 2, all / MALFORMED_EVERY * 2);
            assertThat(second.get()).isPositive();
            statuses(port, all);
            return new Resident(before, after);
        }
    }

    /** Clients ask until there are enough answers, and one of them is of the version that was promoted. */
    private boolean goesOn(int requests) {
        return !notPromoted && (answered.get() < requests || second.get() == 0);
    }

    /** A server whose heap has its full size from the start: what grows is other memory. */
    private ServerProcess serve(String model) throws IOException {
        return ServerProcess.start(
                folder,
                List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"),
                List.of(
                        model,
                        "--control",
                        // No answer of a slow machine is late.
                        "--deadline",
                        "3600000",
                        "--max-body",
                        String.valueOf(BODY_MEGABYTES),
                        "--repository",
                        TestRepository.in(folder).toString()));
    }

    private void request(KeptConnection connection, List<Malformed> bad, SplittableRandom random) throws IOException {
        if (random.nextInt(MALFORMED_EVERY) == 0) {
            Malformed m = bad.get(random.nextInt(bad.size()));
            Answer answer = connection.send(m.method(), m.path(), m.body(), m.headers());
            assertThat(answer.status()).as(m + " -> " + answer.body()).isEqualTo(m.status());
            assertThat(answer.body()).startsWith("{\"error\":\"");
            malformed.incrementAndGet();
            return;
        }
        boolean later = promoted;
        int[] x = random.ints(6, 0, 1000).toArray();
        Answer answer = random.nextInt(BINARY_EVERY) == 0 ? binary(connection, x) : json(connection, x);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        boolean isSecond = answer.body().contains("\"model_version\":\"3\"");
        StringBuilder y = new StringBuilder();
        for (int v : x) {
            y.append(y.isEmpty() ? "" : ",").append((float) v * (isSecond ? 1000 : 10));
        }
        assertThat(answer.body())
                .isEqualTo("{\"model_name\":\"scale\",\"model_version\":\"" + (isSecond ? 3 : 1)
                        + "\",\"id\":\"q\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2,3],\"data\":["
                        + y + "]},{\"name\":\"t\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"aé\"]}]}");
        assertThat(isSecond || !later).as("the version after the promotion").isTrue();
        if (isSecond) {
            second.incrementAndGet();
        }
    }

    private static Answer json(KeptConnection connection, int[] x) throws IOException {
        StringBuilder data = new StringBuilder();
        for (int v : x) {
            data.append(data.isEmpty() ? "" : ",").append(v);
        }
        String body = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S)
                .replace("[1,2,3,4,5,6]", "[" + data + "]");
        return connection.send("POST", MalformedRequests.INFER, body.getBytes(StandardCharsets.UTF_8), List.of());
    }

    private static Answer binary(KeptConnection connection, int[] x) throws IOException {
        String head = MalformedRequests.request(
                MalformedRequests.X.replace("\"data\":[1,2,3,4,5,6]", "\"parameters\":{\"binary_data_size\":24}"),
                MalformedRequests.S);
        byte[] bytes = head.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(bytes.length + 24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(bytes);
        for (int v : x) {
            body.putFloat(v);
        }
        return connection.send(
                "POST",
                MalformedRequests.INFER,
                body.array(),
                List.of("Inference-Header-Content-Length", String.valueOf(bytes.length)));
    }

    /** Loads version 3 from the repository, which multiplies by 1000, and promotes it. */
    private void promoteAfter(CountDownLatch half, List<Future<?>> clients, int port) throws Exception {
        await(half, clients);
        try (KeptConnection control = new KeptConnection(port)) {
            byte[] version = "{\"parameters\":{\"version\":\"3\"}}".getBytes(StandardCharsets.UTF_8);
            Answer loaded = control.send("POST", "/v2/repository/models/scale/load", version, List.of());
            assertThat(loaded.body()).contains("\"version\":\"3\"", "\"reason\":\"READY\"");
            Answer answer = control.send("POST", "/v2/models/scale/versions/3/promote", new byte[0], List.of());
            assertThat(answer.body()).isEqualTo("{\"serving\":\"3\"}");
            promoted = true;
        } finally {
            // The clients end in any case.
            notPromoted = !promoted;
        }
    }

    private static long residentAfter(CountDownLatch warm, List<Future<?>> clients, ServerProcess server)
            throws Exception {
        await(warm, clients);
        return server.resident();
    }

    /** Waits until the clients have made so many requests, or all of them have failed. */
    private static void await(CountDownLatch latch, List<Future<?>> clients) throws Exception {
        while (!latch.await(1, TimeUnit.SECONDS)) {
            if (clients.stream().allMatch(Future::isDone)) {
                for (Future<?> client : clients) {
                    client.get();
                }
            }
        }
    }

    /** The server counts the same answers, and none with 5xx. */
    private void statuses(int port, int requests) throws IOException {
        try (KeptConnection connection = new KeptConnection(port)) {
            String metrics =
                    connection.send("GET", "/metrics", new byte[0], List.of()).body();
            int answers = 0;
            for (String line : metrics.split("\n")) {
                if (line.startsWith("tenon_http_responses_total{status=\"")) {
                    assertThat(line).doesNotContain("status=\"5");
                    answers += (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
            // The load and the promotion are two more.
            assertThat(answers).isEqualTo(requests + 2);
        }
    }
}
