package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.samples.serve.Connections.Phase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that are slow, greedy, malformed or many. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HttpListenerTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Even on a busy machine, a client that does what it should is faster. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static final String GET = "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String POST = "POST /length HTTP/1.1\r\nHost: x\r\n";
    private static final int FREE = BodyMemory.FREE_BYTES;

    private final List<KeptConnection> clients = new ArrayList<>();
    private final CountDownLatch working = new CountDownLatch(2);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final AtomicInteger answered = new AtomicInteger();
    private HttpListener listener;

    private static HttpLimits limits() {
        return HttpLimits.standard().withTimes(LONG, LONG, LONG, LONG);
    }

    private void listen(HttpLimits limits) throws IOException {
        listener = new HttpListener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                limits,
                new BodyMemory(limits.bodyMemory()),
                this::answer,
                status -> answered.incrementAndGet());
        listener.start();
    }

    private Answer answer(HttpRequest request) {
        return switch (request.head().path()) {
            case "/length" -> text(request.body().length + " bytes");
            case "/body" -> text(new String(request.body(), StandardCharsets.UTF_8));
            case "/large" -> new Answer(200, "text/plain", new byte[64 << 20]);
            case "/wait" -> {
                working.countDown();
                await(goOn);
                yield text("waited");
            }
            case "/memory" -> throw new OutOfMemoryError("of the test");
            case "/stack" -> throw new StackOverflowError();
            case "/assert" -> throw new AssertionError("of the test");
            case "/state" -> throw new IllegalStateException("of the test");
            case "/input" -> throw new InvalidInputException("input 'x'", "2", "3", null);
            default -> text("ok");
        };
    }

    private static Answer text(String text) {
        return new Answer(200, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private KeptConnection client() {
        KeptConnection client = new KeptConnection(listener.port());
        clients.add(client);
        return client;
    }

    private KeptConnection client(String text) throws IOException {
        KeptConnection client = client();
        client.write(text);
        return client;
    }

    private void isAlive() throws IOException {
        KeptConnection.Answer answer = client(GET).read();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
    }

    private void awaitConnections(int count) throws InterruptedException {
        while (listener.connections().count() != count) {
            Thread.sleep(5);
        }
    }

    @AfterEach
    void stop() throws Exception {
        goOn.countDown();
        for (KeptConnection client : clients) {
            client.close();
        }
        awaitConnections(0);
        assertThat(listener.memory().taken()).isZero();
        listener.close(Duration.ofMinutes(1));
    }

    @Test
    void headersThatDoNotArriveAreAnsweredAndOthersServed() throws Exception {
        listen(limits().withTimes(LONG, SHORT, LONG, LONG));
        List<KeptConnection> slow = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            slow.add(client(i % 2 == 0 ? "G" : "GET / HTTP/1.1\r\nHost"));
        }
        for (int turn = 0; turn < 3; turn++) {
            isAlive();
            for (KeptConnection client : slow) {
                try {
                    // A byte now and then does not make the time longer.
                    client.write("X");
                } catch (IOException e) {
                    // It was ended.
                }
            }
        }
        for (KeptConnection client : slow) {
            KeptConnection.Answer answer = client.read();
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.closes()).isTrue();
        }
        isAlive();
    }

    @Test
    void bodiesThatDoNotArriveAreAnswered() throws Exception {
        listen(limits().withTimes(LONG, LONG, SHORT, LONG));
        List<KeptConnection> slow = new ArrayList<>();
        for (String head : List.of(
                "Content-Length: 10\r\n\r\nabc",
                "Content-Length: 1000000\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
                "Transfer-Encoding: chunked\r\n\r\n5")) {
            slow.add(client(POST + head));
        }
        for (KeptConnection client : slow) {
            assertThat(client.read().status()).isEqualTo(408);
        }
        // Nobody asks for this body: the answer does not wait for it, and the connection ends.
        KeptConnection unasked = client("POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        assertThat(unasked.read().status()).isEqualTo(200);
        assertThat(unasked.isEnded()).isTrue();
        isAlive();
    }

    @Test
    void idleConnectionsAreClosed() throws Exception {
        listen(limits().withTimes(SHORT, SHORT, LONG, LONG));
        KeptConnection mute = client();
        KeptConnection once = client(GET);
        assertThat(once.read().status()).isEqualTo(200);
        assertThat(once.isEnded()).isTrue();
        assertThat(mute.isEnded()).isTrue();
    }

    @Test
    void aClientThatDoesNotTakeItsAnswerIsClosed() throws Exception {
        listen(limits().withTimes(LONG, LONG, LONG, SHORT));
        client("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        client(GET);
        awaitConnections(1);
        isAlive();
    }

    @Test
    void theConnectionThatHasWaitedLongestMakesRoom() throws Exception {
        listen(limits().withConnections(3));
        KeptConnection body = client(POST + "Content-Length: 5\r\n\r\na");
        KeptConnection head = client("GET /");
        KeptConnection idle = client(GET);
        assertThat(idle.read().status()).isEqualTo(200);
        while (listener.connections().count(Phase.BODY) == 0
                || listener.connections().count(Phase.HEAD) == 0) {
            Thread.sleep(5);
        }
        isAlive();
        assertThat(head.isEnded()).as("it waits longest for a request").isTrue();
        KeptConnection alive = clients.getLast();
        isAlive();
        assertThat(idle.isEnded()).isTrue();
        alive.write("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        clients.getLast().write("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        await(working);
        isAlive();
        assertThat(body.isEnded()).as("bodies come last").isTrue();
    }

    @Test
    void workIsNeverGivenUp() throws Exception {
        listen(limits().withConnections(2));
        KeptConnection one = client("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        KeptConnection two = client("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        await(working);
        KeptConnection.Answer refused = client().read();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.headers()).containsEntry("retry-after", "1");
        goOn.countDown();
        assertThat(one.read().body()).isEqualTo("waited");
        assertThat(two.read().body()).isEqualTo("waited");
        isAlive();
        assertThat(answered.get()).isEqualTo(4);
    }

    @Test
    void bodiesShareTheirMemory() throws Exception {
        listen(limits().withBodyMemory(2 * FREE));
        String large = POST + "Content-Length: " + 3 * FREE + "\r\n\r\n";
        KeptConnection held = client(large + "x".repeat(3 * FREE - 1));
        while (listener.memory().taken() < 2 * FREE) {
            Thread.sleep(5);
        }
        KeptConnection second = client(large);
        second.write("x".repeat(FREE + 1));
        KeptConnection.Answer refused = second.read();
        assertThat(refused.status()).as(refused.body()).isEqualTo(503);
        assertThat(refused.headers()).containsEntry("retry-after", "1");
        KeptConnection chunked = client(POST + "Transfer-Encoding: chunked\r\n\r\n30000\r\n" + "x".repeat(FREE + 1));
        assertThat(chunked.read().status()).isEqualTo(503);
        assertThat(client(POST + "Content-Length: " + FREE + "\r\n\r\n" + "x".repeat(FREE))
                        .read()
                        .body())
                .as("a small body never waits for large ones")
                .isEqualTo(FREE + " bytes");
        held.write("x");
        assertThat(held.read().body()).isEqualTo(3 * FREE + " bytes");
        assertThat(client(large + "x".repeat(3 * FREE)).read().body()).isEqualTo(3 * FREE + " bytes");
        KeptConnection.Answer never = client(POST + "Content-Length: " + 5 * FREE + "\r\n\r\n" + "x".repeat(5 * FREE))
                .read();
        assertThat(never.status()).as(never.body()).isEqualTo(413);
    }

    @Test
    void bodiesThatAreTooLargeAreRefusedAtOnce() throws Exception {
        listen(limits().withBodyBytes(10));
        for (String body : List.of(
                "Content-Length: 11\r\n\r\n",
                "Content-Length: 999999999999999999\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nb\r\n",
                "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n2\r\n",
                "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n",
                "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n")) {
            KeptConnection.Answer answer = client(POST + body).read();
            assertThat(answer.status()).as(body).isEqualTo(413);
        }
        // The answer is not lost although the client goes on.
        assertThat(client(POST + "Content-Length: 300000\r\n\r\n" + "x".repeat(300_000))
                        .read()
                        .status())
                .isEqualTo(413);
        assertThat(client(POST + "Content-Length: 10\r\n\r\n1234567890").read().body())
                .isEqualTo("10 bytes");
        isAlive();
    }

    @Test
    void anErrorEndsOneRequest() throws Exception {
        listen(limits());
        String[][] cases = {
            {"/memory", "503"}, {"/stack", "500"}, {"/assert", "500"}, {"/state", "500"}, {"/input", "400"}
        };
        for (String[] c : cases) {
            KeptConnection client = client("GET " + c[0] + " HTTP/1.1\r\nHost: x\r\n\r\n");
            KeptConnection.Answer answer = client.read();
            assertThat(answer.status()).as(c[0]).isEqualTo(Integer.parseInt(c[1]));
            assertThat(answer.body()).startsWith("{\"error\":\"").doesNotContain("of the test");
            assertThat(answer.headers().containsKey("retry-after")).as(c[0]).isEqualTo(c[1].equals("503"));
            assertThat(answer.closes()).as(c[0]).isEqualTo(!c[0].equals("/state") && !c[0].equals("/input"));
            isAlive();
        }
    }

    @Test
    void requestsFollowEachOther() throws Exception {
        listen(limits());
        KeptConnection client = client(GET + POST + "Content-Length: 3\r\n\r\nabc" + "\r\n"
                + "POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nskipped"
                + "POST /body HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n"
                + "3;a=b\r\nabc\r\n02\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
                + "HEAD /length HTTP/1.1\nHost: x\n\n"
                + "GET http://x/length?q HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                + "GET / HTTP/1.0\r\n\r\nGET /never");
        assertThat(client.read().body()).isEqualTo("ok");
        assertThat(client.read().body()).isEqualTo("3 bytes");
        assertThat(client.read().body()).isEqualTo("ok");
        assertThat(client.read().body()).isEqualTo("abcde");
        assertThat(client.read(false).headers()).containsEntry("content-length", "7");
        assertThat(client.read().body()).isEqualTo("0 bytes");
        assertThat(client.read().closes()).as("HTTP/1.0").isTrue();
    }

    @Test
    void aClientMayAskWhetherItMaySend() throws Exception {
        listen(limits());
        KeptConnection client =
                client("POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        assertThat(client.read().status()).isEqualTo(100);
        client.write("abc");
        assertThat(client.read().body()).isEqualTo("abc");
    }

    @Test
    void requestsOfTwoMeaningsAreRefused() throws Exception {
        listen(limits());
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        List<String> bad = List.of(
                "\r\n\r\n\r\n",
                "GET\r\n\r\n",
                "GET /\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
                "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET nothing HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /\u00e9 HTTP/1.1\r\nHost: x\r\n\r\n",
                "G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
                POST + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
                POST + "Content-Length: 3, 3\r\n\r\nabc",
                POST + "Content-Length: +3\r\n\r\nabc",
                POST + "Content-Length: -1\r\n\r\n",
                POST + "Content-Length: 0x3\r\n\r\nabc",
                POST + "Content-Length: 3\r\n" + chunked + "3\r\nabc\r\n0\r\n\r\n",
                POST + "Transfer-Encoding: gzip\r\n\r\n",
                POST + "Transfer-Encoding: gzip, chunked\r\n\r\n",
                POST + "Transfer-Encoding: chunked\r\n" + chunked,
                POST + chunked + "\r\nabc",
                POST + chunked + "-1\r\nabc\r\n0\r\n\r\n",
                POST + chunked + "0x3\r\nabc\r\n0\r\n\r\n",
                POST + chunked + "g\r\n",
                POST + chunked + "ffffffffffffffff\r\n",
                POST + chunked + "3;" + "x".repeat(300) + "\r\nabc\r\n0\r\n\r\n",
                POST + chunked + "3\r\nabcd\r\n0\r\n\r\n",
                POST + chunked + "3\r\nabc\r\n0\r\nno trailer\r\n\r\n");
        for (String request : bad) {
            KeptConnection client = client(request);
            client.end();
            KeptConnection.Answer answer = client.read();
            assertThat(answer.status()).as(request + answer.body()).isEqualTo(400);
            assertThat(answer.closes()).as(request).isTrue();
        }
        for (String part : List.of(
                "GET / HTTP/1.1\r\nHost: x\r\n", POST + chunked + "3\r\nabc", POST + "Content-Length: 9\r\n\r\n")) {
            KeptConnection client = client(part);
            client.end();
            assertThat(client.read().body()).as(part).contains("ends before");
        }
        String headers = "GET / HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(200) + "\r\n";
        assertThat(client(headers).read().status()).isEqualTo(431);
        assertThat(client("GET /" + "a".repeat(20_000)).read().status()).isEqualTo(431);
        assertThat(client("GET / HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n")
                        .read()
                        .status())
                .isEqualTo(417);
        isAlive();
    }

    @Test
    void closingWaitsForWorkAndNotForClients() throws Exception {
        listen(limits());
        KeptConnection idle = client(GET);
        assertThat(idle.read().status()).isEqualTo(200);
        KeptConnection slow = client("GET / HT");
        KeptConnection running = client("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
        while (working.getCount() > 1) {
            Thread.sleep(5);
        }
        Thread closing = Thread.startVirtualThread(() -> listener.close(Duration.ofMinutes(1)));
        assertThat(idle.isEnded()).isTrue();
        assertThat(slow.isEnded()).isTrue();
        goOn.countDown();
        assertThat(running.read().body()).isEqualTo("waited");
        closing.join();
        assertThatThrownBy(() -> client(GET).read()).isInstanceOf(IOException.class);
    }
}
