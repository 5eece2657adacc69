package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/**
 * A campaign: sends changed requests to a server, each by a connection of its own that then says no more, and reads what comes until
 * the server ends the connection. Each request has its own number, by which it can be made again.
 */
final class HttpFuzzer {
    private static final int CLIENTS = 4;
    private static final int PROBE_EVERY = 500;
    private static final int MOST_FAULTS = 20;

    /** The escapes of JSON count. */
    private static final int LONGEST_ERROR = 2_000;

    private final InferenceServer server;
    private final Path folder;
    private final long seed;
    private final List<String> seeds = HttpSeeds.all();
    private final Map<String, LongAdder> outcomes = new ConcurrentSkipListMap<>();
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong slowest = new AtomicLong();

    /**
     * A campaign.
     *
     * @param server has the model "scale", and "probe", which no request names
     * @param folder has the files of the server; no answer may name it
     * @param seed the seed of all requests
     */
    HttpFuzzer(InferenceServer server, Path folder, long seed) {
        this.server = server;
        this.folder = folder;
        this.seed = seed;
    }

    /** Sends so many requests. */
    void run(int requests) throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int c = 0; c < CLIENTS; c++) {
                clients.add(threads.submit(() -> {
                    for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                        one(i);
                        if (i % PROBE_EVERY == 0) {
                            probe();
                        }
                    }
                    return null;
                }));
            }
        }
        for (Future<?> client : clients) {
            client.get();
        }
        probe();
    }

    /** The bytes of a request. */
    byte[] bytes(int number) {
        return new HttpMutation(seeds, new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L)).next();
    }

    private void one(int number) {
        byte[] request = bytes(number);
        long start = System.nanoTime();
        String fault;
        try {
            fault = exchange(request);
        } catch (IOException | RuntimeException e) {
            fault = e.toString();
        }
        long nanos = System.nanoTime() - start;
        slowest.accumulateAndGet(nanos, Math::max);
        long most = server.served().options().deadline().toNanos() + TimeUnit.SECONDS.toNanos(1);
        if (fault == null && nanos > most) {
            fault = "took " + nanos / 1e9 + " s";
        }
        if (fault != null && faults.size() < MOST_FAULTS) {
            String text = new String(request, StandardCharsets.ISO_8859_1);
            faults.add("seed " + seed + ", request " + number + ": " + fault + "\n"
                    + text.substring(0, Math.min(1_500, text.length())));
        }
    }

    /** Sends a request, and reads all answers. What is wrong, or null. */
    private String exchange(byte[] request) throws IOException {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), URI.create(server.address()).getPort())) {
            socket.setSoTimeout((int) TimeUnit.MINUTES.toMillis(1));
            try {
                socket.getOutputStream().write(request);
                socket.shutdownOutput();
            } catch (IOException e) {
                // The server has answered, and reads no more.
                count("ended while it was sent");
            }
            HttpAnswers answers = new HttpAnswers(new BufferedInputStream(socket.getInputStream()));
            String text = new String(request, StandardCharsets.ISO_8859_1);
            int count = 0;
            while (answers.next()) {
                if (answers.status() == 100) {
                    continue;
                }
                count++;
                String fault = fault(answers, text);
                if (fault != null) {
                    return fault;
                }
                count(String.valueOf(answers.status()));
            }
            return count == 0 && request.length > 0 ? "no answer" : null;
        }
    }

    private void count(String outcome) {
        outcomes.computeIfAbsent(outcome, k -> new LongAdder()).increment();
    }

    private String fault(HttpAnswers answer, String request) {
        int status = answer.status();
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        // A changed timeout may be too short.
        boolean isLate = (status == 503 || status == 504) && request.contains("timeout");
        // A changed request may unload the model. When it comes back, it is there a moment before a version serves.
        boolean isUnserved = status == 503 && body.equals("{\"error\":\"no version of model 'scale' serves\"}");
        if (status != 200 && (status < 400 || status > 499) && !isLate && !isUnserved) {
            return "status " + status + " " + body;
        }
        String type = answer.headers().get("content-type");
        if (!answer.headers().containsKey("date") || type == null) {
            return "the answer lacks headers: " + answer.headers();
        }
        if (status != 200 && (!body.startsWith("{\"error\":\"") || body.length() > LONGEST_ERROR)) {
            return "an error of " + body.length() + " characters: " + body;
        }
        if (body.contains(folder.toString())) {
            return "the answer names a place: " + body;
        }
        return type.equals("application/json") && !isJson(answer.body()) ? "no JSON: " + body : null;
    }

    private static boolean isJson(byte[] bytes) {
        try (JsonParser json = Json.parser(bytes, bytes.length)) {
            while (json.nextToken() != null) {
                json.skipChildren();
            }
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    /** A client that does what it should gets the right answer. */
    private void probe() throws IOException {
        String body = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S);
        try (KeptConnection client =
                new KeptConnection(URI.create(server.address()).getPort())) {
            KeptConnection.Answer answer =
                    client.send("POST", "/v2/models/probe/infer", body.getBytes(StandardCharsets.UTF_8), List.of());
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body())
                    .contains("\"data\":[70.0,140.0,210.0,280.0,350.0,420.0]", "\"data\":[\"a\u00e9\"]");
        }
    }

    /** What was wrong, with the number of the request. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** How the requests ended. */
    String report() {
        return "HttpFuzzer seed " + seed + ": " + outcomes + ", slowest " + slowest.get() / 1_000_000 + " ms, "
                + faults.size() + " faults";
    }
}
