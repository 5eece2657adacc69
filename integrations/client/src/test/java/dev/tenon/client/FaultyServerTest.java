package dev.tenon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that fail. Each connection takes the next answer; the last one stays. */
class FaultyServerTest {
    private static final Map<String, ClientTensor> INPUTS = Map.of("x", ClientTensor.ofFloats(new float[] {1}, 1));
    private static final String BUSY =
            "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private final AtomicInteger calls = new AtomicInteger();
    private ServerSocket socket;

    @BeforeEach
    void listen() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    private static String answer(String json, String data, String header) {
        int length = json.length() + data.length();
        return "HTTP/1.1 200 OK\r\nConnection: close\r\n" + header + "Content-Length: " + length + "\r\n\r\n" + json
                + data;
    }

    private static String good(int bytes, String shape) {
        String json =
                "{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"INT8\",\"shape\":"
                        + shape + ",\"parameters\":{\"binary_data_size\":" + bytes + "}}]}";
        return answer(json, "ab", "Inference-Header-Content-Length: " + json.length() + "\r\n");
    }

    /** The end of an answer after which the server says no more, and keeps the connection. */
    private static final String STALL = "...";

    /** Answers on a thread of its own. An answer of null is silence until the client goes. */
    private TenonClient serve(String... answers) {
        Thread.ofVirtual().start(() -> {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    String answer = answers[Math.min(calls.getAndIncrement(), answers.length - 1)];
                    InputStream in = client.getInputStream();
                    in.read(new byte[1 << 16]);
                    if (answer == null) {
                        while (in.read() >= 0) {}
                    } else {
                        boolean stalls = answer.endsWith(STALL);
                        client.getOutputStream().write(answer.replace(STALL, "").getBytes(StandardCharsets.ISO_8859_1));
                        if (!stalls) {
                            client.shutdownOutput();
                        }
                        while (in.read() >= 0) {}
                    }
                } catch (IOException e) {
                    // The client has gone, or the test is over.
                }
            }
        });
        return TenonClient.to(URI.create("http://127.0.0.1:" + socket.getLocalPort()));
    }

    private static ClientException.Reason reason(TenonClient client) {
        ClientException e = catchThrowableOfType(
                ClientException.class, () -> client.model("m").predict(INPUTS));
        assertThat(e).isNotNull();
        return e.reason();
    }

    @Test
    void aConnectionThatEndsEarlyIsNotTriedAgain() {
        assertThat(reason(serve(""))).isEqualTo(ClientException.Reason.BROKEN_CONNECTION);
        assertThat(calls).hasValue(1);
    }

    @Test
    void anAnswerShorterThanItsLengthIsBroken() {
        assertThat(reason(serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")))
                .isEqualTo(ClientException.Reason.BROKEN_CONNECTION);
    }

    @Test
    void garbageIsTold() {
        assertThat(reason(serve("SSH-2.0-server\r\n"))).isEqualTo(ClientException.Reason.BROKEN_CONNECTION);
    }

    @Test
    void answersThatContradictThemselvesAreMalformed() {
        String[] answers = {
            answer("{\"a\":", "", ""),
            answer("<html>", "", ""),
            answer("[1]", "", ""),
            answer("{}", "", ""),
            answer("{}", "", "Inference-Header-Content-Length: 3\r\n"),
            answer("[".repeat(1000), "", ""),
            good(1, "[1]"),
            good(3, "[3]"),
            good(2, "[3]"),
            good(-1, "[2]"),
            good(2, "[-2]"),
            good(2, "[4294967296,4294967296]")
        };
        TenonClient client = serve(answers);
        for (String answer : answers) {
            assertThat(reason(client)).as(answer).isEqualTo(ClientException.Reason.MALFORMED_ANSWER);
        }
        assertThat(calls).hasValue(answers.length);
    }

    @Test
    void aBusyServerIsAskedAgain() {
        Prediction prediction = serve(BUSY, BUSY, good(2, "[2]")).model("m").predict(INPUTS);
        assertThat(prediction.output("y").bytes()).containsExactly('a', 'b');
        assertThat(calls).hasValue(3);
    }

    @Test
    void retriesEnd() {
        assertThat(reason(serve(BUSY).retries(1))).isEqualTo(ClientException.Reason.UNAVAILABLE);
        assertThat(calls).hasValue(2);
    }

    @Test
    void aBusyServerWithoutATimeIsNotAskedAgain() {
        assertThat(reason(serve(BUSY.replace("Retry-After: 0\r\n", "")))).isEqualTo(ClientException.Reason.UNAVAILABLE);
        assertThat(calls).hasValue(1);
    }

    @Test
    void silenceEndsWithTheTime() {
        assertThat(reason(serve((String) null).timeout(Duration.ofMillis(300))))
                .isEqualTo(ClientException.Reason.DEADLINE);
    }

    @Test
    void anAnswerThatStopsHalfwayEndsWithTheTime() {
        for (String half :
                new String[] {"HTTP/1.1 200 OK\r\nContent-Le", good(2, "[2]").replace("]}", "")}) {
            assertThat(reason(serve(half + STALL).timeout(Duration.ofMillis(300))))
                    .isEqualTo(ClientException.Reason.DEADLINE);
        }
    }

    @Test
    void theServersClockCountsToo() {
        TenonClient client = serve("HTTP/1.1 504 Late\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(reason(client)).isEqualTo(ClientException.Reason.DEADLINE);
    }

    @Test
    void aCallIsCancelled() {
        CompletableFuture<Prediction> call = serve((String) null).model("m").predictAsync(INPUTS);
        assertThat(call.cancel(true)).isTrue();
        assertThat(call).isCancelled();
    }

    @Test
    void anInterruptEndsTheCallAndStays() {
        TenonClient client = serve((String) null);
        Thread.currentThread().interrupt();
        ClientException.Reason reason = reason(client);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(reason).isEqualTo(ClientException.Reason.INTERRUPTED);
    }
}
