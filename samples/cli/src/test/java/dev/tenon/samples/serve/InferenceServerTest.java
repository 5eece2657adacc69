package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Talks to a server as clients do. The model multiplies its input "x" by a factor, and hands "s" on. */
class InferenceServerTest {
    private static final String X = MalformedRequests.X;
    private static final String S = MalformedRequests.S;
    private static final int MAX_BODY = 10_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Metrics metrics = new Metrics();
    private InferenceServer server;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        ServerOptions options = ServerOptions.standard();
        server = new InferenceServer(
                options.at("127.0.0.1", 0)
                        .limits(MAX_BODY, options.deadline())
                        .controlled()
                        .repository(TestRepository.in(folder)),
                metrics);
        server.load("scale", "1", TestRepository.scale(10));
        server.load("scale", "2", TestRepository.scale(100));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new AssertionError(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private HttpResponse<byte[]> post(String path, String body) {
        return send("POST", path, body.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private String get(String path) {
        HttpResponse<byte[]> response = send("GET", path, new byte[0]);
        assertThat(response.statusCode()).as(path + " " + text(response)).isEqualTo(200);
        return text(response);
    }

    @Test
    void tellsWhatItIs() {
        assertThat(get("/v2/health/live")).isEqualTo("{\"live\":true}");
        assertThat(get("/v2/health/ready")).isEqualTo("{\"ready\":true}");
        assertThat(get("/v2")).contains("\"name\":\"tenon\"", "\"binary_tensor_data\"");
        assertThat(get("/v2/models/scale"))
                .isEqualTo("{\"name\":\"scale\",\"versions\":[\"1\",\"2\"],\"platform\":\"onnx_onnxv1\",\"inputs\":["
                        + "{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,3]},"
                        + "{\"name\":\"s\",\"datatype\":\"BYTES\",\"shape\":[-1]}],\"outputs\":["
                        + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,3]},"
                        + "{\"name\":\"t\",\"datatype\":\"BYTES\",\"shape\":[-1]}]}");
        assertThat(get("/v2/models/scale/versions/2/ready")).isEqualTo("{\"ready\":true}");
        assertThat(get("/v2/models/scale/versions/latest/ready")).isEqualTo("{\"ready\":true}");
        assertThat(text(post("/v2/repository/index", "{}"))).contains("\"version\":\"2\"", "\"state\":\"READY\"");
        assertThat(get("/")).startsWith("<!doctype html>");
    }

    @Test
    void predictsFromJson() {
        String expected = "{\"model_name\":\"scale\",\"model_version\":\"1\",\"id\":\"q\",\"outputs\":["
                + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2,3],\"data\":[10.0,20.0,30.0,40.0,50.0,60.0]},"
                + "{\"name\":\"t\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"aé\"]}]}";
        assertThat(text(post("/v2/models/scale/infer", MalformedRequests.request(X, S))))
                .isEqualTo(expected);
        String nested = "{\"data\":[[1,2,3],[4,5,6.0]],\"shape\":[2,3],\"datatype\":\"FP32\",\"name\":\"x\"}";
        assertThat(text(post("/v2/models/scale/versions/latest/infer", MalformedRequests.request(nested, S))))
                .isEqualTo(expected);
        assertThat(text(post("/v2/models/scale/versions/2/infer", MalformedRequests.request(X, S))))
                .contains("\"2\"", "100.0");
        String one = MalformedRequests.request(X, S).replace("\"id\":\"q\"", "\"outputs\":[{\"name\":\"t\"}]");
        assertThat(text(post("/v2/models/scale/infer", one))).contains("\"t\"").doesNotContain("\"y\"");
    }

    @Test
    void predictsFromBinaryTensors() throws IOException {
        String header = "{\"parameters\":{\"binary_data_output\":true},\"inputs\":["
                + "{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":12}},"
                + "{\"name\":\"s\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":11}}],"
                + "\"outputs\":[{\"name\":\"t\"},{\"name\":\"y\"}]}";
        ByteBuffer data = ByteBuffer.allocate(23).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(1).putFloat(Float.NaN).putFloat(3);
        data.putInt(3).put(new byte[] {7, 8, 9}).putInt(0);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(header.getBytes(StandardCharsets.UTF_8));
        body.writeBytes(data.array());
        HttpResponse<byte[]> response = send(
                "POST",
                "/v2/models/scale/infer",
                body.toByteArray(),
                "Inference-Header-Content-Length",
                String.valueOf(header.length()));
        assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
        int length = (int) response.headers()
                .firstValueAsLong("Inference-Header-Content-Length")
                .orElseThrow();
        assertThat(new String(response.body(), 0, length, StandardCharsets.UTF_8))
                .endsWith("\"outputs\":[{\"name\":\"t\",\"datatype\":\"BYTES\",\"shape\":[2],\"parameters\":"
                        + "{\"binary_data_size\":11}},{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,3],"
                        + "\"parameters\":{\"binary_data_size\":12}}]}");
        ByteBuffer found = ByteBuffer.wrap(response.body(), length, 23).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(found.getInt()).isEqualTo(3);
        assertThat(new byte[] {found.get(), found.get(), found.get()}).containsExactly(7, 8, 9);
        assertThat(found.getInt()).isZero();
        assertThat(new float[] {found.getFloat(), found.getFloat(), found.getFloat()})
                .containsExactly(10, Float.NaN, 30);
        assertThat(found.hasRemaining()).isFalse();
    }

    @Test
    void refusesEachKindOfBadRequest() {
        for (MalformedRequests.Malformed m : MalformedRequests.all(MAX_BODY)) {
            HttpResponse<byte[]> response =
                    send(m.method(), m.path(), m.body(), m.headers().toArray(String[]::new));
            assertThat(response.statusCode()).as(m + " -> " + text(response)).isEqualTo(m.status());
            assertThat(text(response)).startsWith("{\"error\":\"");
            assertThat(response.headers().firstValue("Allow").isPresent()).isEqualTo(m.status() == 405);
        }
        assertThat(text(post("/v2/repository/index", "{\"ready\":true}")))
                .as("nothing was loaded or unloaded")
                .isEqualTo("[{\"name\":\"scale\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"SERVING\"},"
                        + "{\"name\":\"scale\",\"version\":\"2\",\"state\":\"READY\",\"reason\":\"READY\"}]");
    }

    @Test
    void aPromotionLosesNoRequest() throws Exception {
        int callers = 8;
        int calls = 80;
        CountDownLatch some = new CountDownLatch(callers * calls / 2);
        List<Future<Integer>> later = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int c = 0; c < callers; c++) {
                later.add(threads.submit(() -> {
                    int second = 0;
                    for (int i = 0; i < calls; i++) {
                        String answer = text(post("/v2/models/scale/infer", MalformedRequests.request(X, S)));
                        boolean isSecond = answer.contains("\"model_version\":\"2\"");
                        assertThat(answer).contains(isSecond ? "[100.0,200.0" : "[10.0,20.0");
                        second += isSecond ? 1 : 0;
                        some.countDown();
                    }
                    return second;
                }));
            }
            assertThat(some.await(2, TimeUnit.MINUTES))
                    .as("half of the calls are answered; those that failed: %s", failed(later))
                    .isTrue();
            assertThat(text(post("/v2/models/scale/versions/2/promote", ""))).isEqualTo("{\"serving\":\"2\"}");
            assertThat(text(post("/v2/models/scale/infer", MalformedRequests.request(X, S))))
                    .contains("[100.0,200.0");
        }
        int second = 0;
        for (Future<Integer> f : later) {
            second += f.get();
        }
        assertThat(second).isBetween(0, callers * calls / 2);
        assertThat(text(post("/v2/models/scale/rollback", ""))).isEqualTo("{\"serving\":\"1\"}");
        List<String> lines = Arrays.asList(get("/metrics").split("\n"));
        assertThat(lines).anyMatch(l -> l.startsWith("tenon_http_responses_total{status=\"200\"} "));
        assertThat(lines)
                .contains("tenon_calls_total{model=\"scale\",version=\"2\",outcome=\"done\"} " + (second + 1))
                .contains("tenon_call_seconds_count{model=\"scale\",version=\"2\"} " + (second + 1))
                .contains("tenon_loads_total{model=\"scale\",version=\"2\",outcome=\"ready\"} 1")
                .contains("tenon_queued_rows{model=\"scale\",version=\"2\"} 0")
                .contains("tenon_running{model=\"scale\",version=\"1\"} 0")
                .anyMatch(l -> l.startsWith("tenon_swaps_total{model=\"scale\"} "));
        assertThat(get("/statistics"))
                .contains("\"state\":\"SERVING\"", "\"calls\":" + (second + 1), "\"route\":\"version 1\"")
                .contains("\"platform\":\"onnx_onnxv1\"", "\"tiers\":[", "\"memory\":{\"heap\":");
    }

    @Test
    void statisticsTellSizesRequestsAndDrift() {
        assertThat(get("/statistics")).doesNotContain("\"drift\"");
        server.served().watch("scale", List.of(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))));
        for (int i = 0; i < 3; i++) {
            post("/v2/models/scale/infer", MalformedRequests.request(X, S));
        }
        post("/v2/models/scale/infer", "{}");
        String found = get("/statistics");
        long runs = numbers(found, "sizes").sum();
        assertThat(runs).isEqualTo(3);
        assertThat(numbers(found, "requests").sum()).as("those that ended well").isEqualTo(3);
        assertThat(found).containsPattern("\"drift\":\\{\"rows\":[1-9][0-9]*,\"alarm_count\":0,\"alarms\":\\[]}");
        assertThat(get("/metrics"))
                .contains("tenon_request_seconds_count{model=\"scale\"} 3\n")
                .contains("tenon_run_rows_count{model=\"scale\",version=\"1\"} 3\n");
    }

    @Test
    void inputsThatTheReferenceDoesNotHaveAreAnsweredToo() {
        server.served().watch("scale", List.of(Map.of("another", Tensor.of(new float[] {1, 2, 3}, 3, 1))));
        HttpResponse<byte[]> answer = post("/v2/models/scale/infer", MalformedRequests.request(X, S));
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(get("/statistics")).contains("\"drift\":{\"rows\":0,");
    }

    /** The numbers of the first array of this name. */
    private static LongStream numbers(String json, String name) {
        Matcher array = Pattern.compile("\"" + name + "\":\\[([0-9,]*)]").matcher(json);
        assertThat(array.find()).isTrue();
        return Stream.of(array.group(1).split(",")).mapToLong(Long::parseLong);
    }

    private static List<Throwable> failed(List<Future<Integer>> calls) {
        return calls.stream()
                .filter(f -> f.state() == Future.State.FAILED)
                .map(Future::exceptionNow)
                .toList();
    }

    @Test
    void endsAfterTheRequestsThatRun() {
        post("/v2/models/scale/infer", MalformedRequests.request(X, S));
        server.close();
        assertThat(metrics.text()).contains("tenon_http_responses_total{status=\"200\"} 1");
    }
}
