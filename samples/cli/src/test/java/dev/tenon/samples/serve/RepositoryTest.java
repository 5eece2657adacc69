package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.samples.UsageException;
import dev.tenon.samples.serve.KeptConnection.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads, promotes and unloads versions while a server runs, as clients do. */
class RepositoryTest {
    private static final String BODY = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S);
    private static final int CALLERS = 6;

    @TempDir
    private Path folder;

    private Path root;
    private InferenceServer server;
    private KeptConnection client;

    @BeforeEach
    void start() throws IOException {
        root = TestRepository.in(folder);
        serve(ServerOptions.standard().controlled().repository(root));
        server.load("scale", "1", TestRepository.scale(10));
    }

    private void serve(ServerOptions options) throws IOException {
        server = new InferenceServer(options.at("127.0.0.1", 0), new Metrics());
        server.start();
        client = connection();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        client.close();
    }

    private KeptConnection connection() {
        return new KeptConnection(URI.create(server.address()).getPort());
    }

    private Answer post(String path, String body) throws IOException {
        return client.send("POST", path, body.getBytes(StandardCharsets.UTF_8), List.of());
    }

    private String ok(String path, String body) throws IOException {
        Answer answer = post(path, body);
        assertThat(answer.status()).as(path + " " + answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static String version(String version) {
        return "{\"parameters\":{\"version\":\"" + version + "\"}}";
    }

    private String load(String version) throws IOException {
        return ok("/v2/repository/models/scale/load", version(version));
    }

    private static String entry(String name, String version, String state, String reason) {
        return "{\"name\":\"" + name + "\",\"version\":\"" + version + "\",\"state\":\"" + state + "\",\"reason\":\""
                + reason + "\"}";
    }

    private static String unloaded(String name, String version) {
        return entry(name, version, "UNAVAILABLE", "unloaded");
    }

    @Test
    void aVersionIsLoadedTriedPromotedRolledBackAndUnloaded() throws IOException {
        String serving = entry("scale", "1", "READY", "SERVING");
        assertThat(ok("/v2/repository/index", ""))
                .isEqualTo("[" + serving + "," + unloaded("bad-trial", "1") + "," + unloaded("broken", "1") + ","
                        + unloaded("scale", "3") + "," + unloaded("scale", "4") + "]");
        assertThat(ok("/v2/repository/index", "{\"ready\":true}")).isEqualTo("[" + serving + "]");
        assertThat(load("3")).isEqualTo(entry("scale", "3", "READY", "READY"));
        assertThat(ok(MalformedRequests.INFER, BODY)).contains("\"model_version\":\"1\"", "[10.0,");
        assertThat(ok("/v2/models/scale/versions/3/infer", BODY)).contains("\"model_version\":\"3\"", "[1000.0,");
        ok("/v2/models/scale/versions/3/promote", "");
        assertThat(ok(MalformedRequests.INFER, BODY)).contains("[1000.0,");
        Answer used = post("/v2/repository/models/scale/unload", version("3"));
        assertThat(used.status()).as(used.body()).isEqualTo(400);
        assertThat(used.body()).contains("in use");
        ok("/v2/models/scale/rollback", "");
        assertThat(ok(MalformedRequests.INFER, BODY)).contains("[10.0,");
        ok("/v2/repository/models/scale/unload", version("3"));
        assertThat(ok("/v2/repository/index", "{\"ready\":true}")).isEqualTo("[" + serving + "]");
        assertThat(post("/v2/models/scale/versions/3/infer", BODY).status()).isEqualTo(404);
        // It may come again, whole numbers name versions, too.
        assertThat(ok("/v2/repository/models/scale/load", "{\"parameters\":{\"version\":3}}"))
                .contains("\"version\":\"3\"");
        Answer again = post("/v2/repository/models/scale/load", version("3"));
        assertThat(again.status()).isEqualTo(400);
        assertThat(again.body()).contains("is loaded", "unload it first");
    }

    @Test
    void aLoadThatFailsLeavesEverythingAsItIs() throws IOException {
        String before = ok("/v2/repository/index", "");
        Answer trial = post("/v2/repository/models/scale/load", version("4"));
        assertThat(trial.status()).isEqualTo(400);
        assertThat(trial.body()).contains("scale:4, sample 0", "output 'y' differs by");
        Answer broken = post("/v2/repository/models/broken/load", "{}");
        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.body()).contains("model.onnx").doesNotContain(root.toString());
        Answer unreadable = post("/v2/repository/models/bad-trial/load", "{}");
        assertThat(unreadable.status()).isEqualTo(400);
        assertThat(unreadable.body()).contains("trial.json");
        Answer link = post("/v2/repository/models/scale/load", version("5"));
        assertThat(link.status()).isEqualTo(403);
        assertThat(link.body()).contains("outside of the repository").doesNotContain(root.toString());
        Answer missing = post("/v2/repository/models/scale/load", version("6"));
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.body()).contains("no version '6' of model 'scale'; it has [3, 4, 5]");
        assertThat(ok("/v2/repository/index", "")).isEqualTo(before);
        assertThat(ok(MalformedRequests.INFER, BODY)).contains("[10.0,");
    }

    @Test
    void trialsThatAreMalformedAreRefusedByTheirFault() throws IOException {
        String call = "{\"inputs\":[" + MalformedRequests.X + "]";
        List<String> bad = List.of(
                "[]",
                "not a JSON object",
                "{\"calls\":[]}",
                "no calls",
                "{\"calls\":5}",
                "not an array",
                "{\"tolerance\":-1,\"calls\":[" + call + "}]}",
                "tolerance",
                "{\"tolerance\":\"1\"}",
                "tolerance",
                "{\"rtol\":1}",
                "allowed are tolerance and calls",
                "{\"calls\":[" + call + "," + "\"outputs\":[" + MalformedRequests.X + "]}," + call + "}]}",
                "all or none",
                "{\"calls\":[" + call + "," + "\"outputs\":[]}]}",
                "no expected output",
                "{\"calls\":[" + call.replace(",6]", "]") + "}]}",
                "input 'x'",
                "{\"calls\":[{}]}",
                "sample 0");
        Path trial = root.resolve("bad-trial/1/trial.json");
        for (int i = 0; i < bad.size(); i += 2) {
            Files.writeString(trial, bad.get(i));
            Answer answer = post("/v2/repository/models/bad-trial/load", "");
            assertThat(answer.status()).as(bad.get(i) + " -> " + answer.body()).isEqualTo(400);
            assertThat(answer.body()).as(bad.get(i)).contains(bad.get(i + 1));
        }
        // Without outputs, calls must succeed.
        Files.writeString(
                trial, "{\"calls\":[{\"inputs\":[" + MalformedRequests.X + "," + MalformedRequests.S + "]}]}");
        assertThat(ok("/v2/repository/models/bad-trial/load", "")).contains("\"reason\":\"SERVING\"");
    }

    @Test
    void aModelIsUnloadedAndItsNewestVersionLoadedAgain() throws IOException {
        Files.createDirectories(root.resolve("scale/10"));
        Files.copy(root.resolve("scale/3/model.onnx"), root.resolve("scale/10/model.onnx"));
        // As clients of the protocol send it.
        ok("/v2/repository/models/scale/unload", "{\"parameters\":{\"unload_dependents\":false}}");
        assertThat(post(MalformedRequests.INFER, BODY).status()).isEqualTo(404);
        assertThat(client.send("GET", "/v2/health/ready", new byte[0], List.of())
                        .status())
                .isEqualTo(503);
        assertThat(ok("/v2/repository/models/scale/load", "{}")).isEqualTo(entry("scale", "10", "READY", "SERVING"));
        assertThat(ok(MalformedRequests.INFER, BODY)).contains("\"model_version\":\"10\"");
        String page = client.send("GET", "/statistics", new byte[0], List.of()).body();
        assertThat(page).contains("\"repository\":\"not loaded: bad-trial 1, broken 1, scale 3, scale 4\"");
        String metrics = client.send("GET", "/metrics", new byte[0], List.of()).body();
        assertThat(metrics).contains("tenon_loads_total{model=\"scale\",version=\"10\",outcome=\"ready\"} 1");
    }

    /** The version is loaded, promoted, and the one before it unloaded, while clients ask. */
    @Test
    void aVersionThatComesInTheMiddleOfTrafficLosesNoRequest() throws Exception {
        CountDownLatch some = new CountDownLatch(CALLERS * 20);
        List<Future<Integer>> callers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                callers.add(threads.submit(() -> calls(some)));
            }
            boolean begun = some.await(2, TimeUnit.MINUTES);
            load("3");
            ok("/v2/models/scale/versions/3/promote", "");
            ok("/v2/repository/models/scale/unload", version("1"));
            assertThat(begun).isTrue();
        }
        for (Future<Integer> caller : callers) {
            assertThat(caller.get()).as("calls of the first version").isPositive();
        }
        assertThat(ok("/v2/repository/index", "{\"ready\":true}"))
                .isEqualTo("[" + entry("scale", "3", "READY", "SERVING") + "]");
    }

    /** Asks until the new version answers. Returns how often the old one did. */
    private int calls(CountDownLatch some) throws IOException {
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        int first = 0;
        try (KeptConnection own = connection()) {
            while (true) {
                Answer answer = own.send("POST", MalformedRequests.INFER, body, List.of());
                assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                some.countDown();
                if (answer.body().contains("\"model_version\":\"3\"")) {
                    assertThat(answer.body()).contains("[1000.0,2000.0");
                    return first;
                }
                assertThat(answer.body()).contains("[10.0,20.0");
                first++;
            }
        }
    }

    @Test
    void withoutAFolderNothingIsLoadedOrUnloaded() throws IOException {
        stop();
        serve(ServerOptions.standard().controlled());
        server.load("scale", "1", TestRepository.scale(10));
        for (String operation : List.of("load", "unload")) {
            Answer answer = post("/v2/repository/models/scale/" + operation, version("3"));
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.body()).isEqualTo("{\"error\":\"the server was started without --repository\"}");
        }
        assertThat(ok("/v2/repository/index", "{}")).isEqualTo("[" + entry("scale", "1", "READY", "SERVING") + "]");
        assertThat(client.send("GET", "/statistics", new byte[0], List.of()).body())
                .contains("\"repository\":\"\"");
    }

    @Test
    void aRepositoryThatIsGoneStopsNothing() throws IOException {
        Files.move(root, folder.resolve("moved"));
        for (String path : List.of("/v2/repository/index", "/v2/repository/models/scale/load")) {
            assertThat(post(path, "{}").status()).as(path).isEqualTo(404);
        }
        assertThat(client.send("GET", "/statistics", new byte[0], List.of()).body())
                .contains("\"repository\":\"the repository can't be read", "\"version\":\"1\"");
        assertThat(ok(MalformedRequests.INFER, BODY)).contains("[10.0,");
        Files.move(folder.resolve("moved"), root);
        assertThat(load("3")).contains("READY");
    }

    @Test
    void theCommandTakesAFolderAlone() throws IOException {
        assertThatThrownBy(() -> ServeCommand.start(
                        List.of("--repository", root.resolve("notes.txt").toString()), System.out))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("is no folder");
        assertThatThrownBy(() -> ServeCommand.start(List.of(), System.out))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--repository");
        stop();
        server = ServeCommand.start(List.of("--repository", root.toString(), "--port", "0"), System.out);
        client = connection();
        assertThat(load("3")).contains("SERVING");
        assertThat(post("/v2/models/scale/versions/3/promote", "").status()).isEqualTo(403);
    }
}
