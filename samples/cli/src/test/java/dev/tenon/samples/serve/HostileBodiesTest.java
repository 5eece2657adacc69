package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.SaveOptions;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.samples.serve.KeptConnection.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that go beyond limits, and answers to them: short, without what only the server may know. */
class HostileBodiesTest {
    /** With the escapes of JSON. */
    private static final int LONGEST_ANSWER = 1_000;

    private static final int LARGE = 15 << 20;
    private static final String GOOD = MalformedRequests.request(MalformedRequests.X, MalformedRequests.S);

    @TempDir
    private Path folder;

    private InferenceServer server;
    private KeptConnection client;

    @BeforeEach
    void start() throws IOException {
        server = new InferenceServer(
                ServerOptions.standard().at("127.0.0.1", 0).repository(TestRepository.in(folder)), new Metrics());
        server.load("scale", "1", TestRepository.scale(10));
        server.start();
        client = new KeptConnection(URI.create(server.address()).getPort());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    /** Sends a body, and checks that the answer is short and names no place of the server. */
    private Answer post(String path, String body) throws IOException {
        Answer answer = client.send("POST", path, body.getBytes(StandardCharsets.UTF_8), List.of());
        String start = path + " " + body.substring(0, Math.min(200, body.length()));
        assertThat(answer.status()).as(start + " -> " + answer.body()).isBetween(400, 499);
        assertThat(answer.body()).as(start).startsWith("{\"error\":\"").doesNotContain(folder.toString(), "junit");
        assertThat(answer.body().length()).as(start).isLessThan(LONGEST_ANSWER);
        return answer;
    }

    private static List<String> large() {
        String many = "x".repeat(LARGE);
        String id = "\"id\":\"q\"";
        List<String> bodies = new ArrayList<>();
        bodies.add(GOOD.replace(id, "\"" + many + "\":1"));
        bodies.add(GOOD.replace(id, "\"id\":\"" + many + "\""));
        bodies.add(GOOD.replace("\"name\":\"x\"", "\"name\":\"" + many + "\""));
        bodies.add(GOOD.replace("FP32", many));
        bodies.add(GOOD.replace("[1,2,3,4,5,6]", "[" + "9".repeat(LARGE) + "]"));
        bodies.add(GOOD.replace("[1,2,3,4,5,6]", "[\"" + many + "\"]"));
        bodies.add(GOOD.replace("[1,2,3,4,5,6]", "[" + "0,".repeat(LARGE / 2) + "0]"));
        bodies.add(GOOD.replace("[2,3]", "[" + "9".repeat(LARGE) + "]"));
        bodies.add(GOOD.replace(id, "\"parameters\":{\"timeout\":\"" + many + "\"}"));
        bodies.add(GOOD.replace(id, "\"outputs\":[{\"name\":\"" + many + "\"}]"));
        bodies.add("[".repeat(LARGE));
        bodies.add("{\"a\":".repeat(LARGE / 5));
        bodies.add(many);
        return bodies;
    }

    @Test
    void largeOnesAreRefusedInAFewWords() throws IOException {
        for (String body : large()) {
            assertThat(post(MalformedRequests.INFER, body).status()).isEqualTo(400);
        }
        for (String body : List.of(
                "{\"" + "x".repeat(LARGE) + "\":1}",
                "{\"parameters\":{\"" + "x".repeat(40_000) + "\":1}}",
                "{\"parameters\":{\"version\":\"" + "x".repeat(LARGE) + "\"}}",
                "{\"parameters\":{\"version\":" + "9".repeat(LARGE) + "}}",
                "{\"parameters\":" + "[".repeat(LARGE) + "}")) {
            post(MalformedRequests.REPOSITORY + "scale/load", body);
            post(MalformedRequests.REPOSITORY + "scale/unload", body);
        }
        post("/v2/models/" + "x".repeat(10_000) + "/infer", GOOD);
        post("/v2/repository/models/" + "x".repeat(10_000) + "/load", "");
        post("/" + "x".repeat(10_000), "");
        assertThat(client.send("GET", "/v2/health/live", new byte[0], List.of()).status())
                .isEqualTo(200);
        assertThat(server.listener().memory().taken()).isZero();
    }

    @Test
    void theMiddleOfALongMessageIsLeftOut() {
        assertThat(Failure.cut("short")).isEqualTo("short");
        String cut = Failure.cut("a".repeat(1_000_000) + "the end");
        assertThat(cut).startsWith("aaa").contains("[1000007 characters]").endsWith("the end");
        assertThat(Failure.cut("a\ud800b")).isEqualTo("a?b");
    }

    /** Files of a version that can't be read, in several ways. */
    @Test
    void theFolderOfTheRepositoryIsNotTold() throws IOException {
        Path root = folder.resolve("repository");
        Files.createDirectories(root.resolve("kinds/1/model.onnx"));
        Path second = Files.createDirectories(root.resolve("kinds/2"));
        TestRepository.scale(10)
                .save(second.resolve("model.onnx"), SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        try (Stream<Path> files = Files.list(second)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".data")).toList()) {
                Files.delete(file);
            }
        }
        Files.write(Files.createDirectories(root.resolve("kinds/3")).resolve("model.tenon"), new byte[100]);
        Files.write(Files.createDirectories(root.resolve("kinds/4")).resolve("model.json"), new byte[0]);
        Files.createDirectories(root.resolve("kinds/5/trial.json"));
        TestRepository.scale(10).save(root.resolve("kinds/5/model.onnx"));
        for (int version = 1; version <= 5; version++) {
            Answer answer =
                    post(MalformedRequests.REPOSITORY + "kinds/load", "{\"parameters\":{\"version\":" + version + "}}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        }
    }
}
