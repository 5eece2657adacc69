package dev.tenon.samples.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.samples.serve.InferenceServer;
import dev.tenon.samples.serve.Metrics;
import dev.tenon.samples.serve.ServerOptions;
import dev.tenon.testkit.TestData;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that nobody here wrote: grpc-js of npm, Node's fetch, and curl. */
class OtherClientsTest {
    private static final Path SAMPLE = Path.of(System.getProperty("tenon.root"), "samples", "grpc");
    private static final int MINUTES = 3;

    /** It gives up before the test does. */
    private static final String[] NPM_CI =
            "npm ci --no-audit --no-fund --ignore-scripts --fetch-retries=1 --fetch-timeout=30000".split(" ");

    /** The codes of npm and Node for a network or a registry that does not answer, or refuses. */
    private static final Pattern NO_REGISTRY = Pattern.compile(
            "code (ENOTFOUND|EAI_AGAIN|ECONN[A-Z]+|E(SOCKET|IDLE|CONN)?TIMEDOUT|ERR_SOCKET_TIMEOUT|E[A-Z]*UNREACH"
                    + "|E40[0-9]|E429|E5[0-9]{2}|[A-Z_]*CERT[A-Z_]*)");

    @TempDir
    private Path folder;

    private InferenceServer http;
    private GrpcServer grpc;

    @BeforeEach
    void start() throws IOException {
        Path repository = folder.resolve("repository");
        Path version = Files.createDirectories(repository.resolve("scale").resolve("2"));
        TestModels.scale(100).save(version.resolve("model.onnx"));
        http = new InferenceServer(ServerOptions.standard().at("127.0.0.1", 0).repository(repository), new Metrics());
        http.served().load("scale", "1", TestModels.scale(10));
        http.start();
        grpc = GrpcServer.start(http.served(), 0);
    }

    @AfterEach
    void stop() {
        grpc.close();
        http.close();
    }

    @Test
    void nodeAsksBothServers() throws Exception {
        boolean there = isOnPath("node") && isOnPath("npm");
        TestData.needs(there, "no node and npm on the path: apt-get install nodejs npm", "tenon.ci");
        for (String file : List.of("package.json", "package-lock.json", "client.mjs")) {
            Files.copy(SAMPLE.resolve("src/test/node").resolve(file), folder.resolve(file));
        }
        Path log = folder.resolve("npm.log");
        if (exitCode(log, NPM_CI) != 0) {
            String said = Files.readString(log);
            // Any other failure of npm is one of the files here.
            assertThat(said).as("npm ci").containsPattern(NO_REGISTRY);
            // .ci/run looks for this line: without a registry the client can't be there.
            System.out.println("LEFT OUT: the client of npm, because npm ci could not fetch it");
            TestData.needs(false, "npm ci could not fetch the client: " + said, "tenon.npm.fetched");
        }
        String proto = SAMPLE.resolve("src/main/proto/inference.proto").toString();
        String output = run("node", "client.mjs", proto, grpc.address(), http.address());
        assertThat(output.strip().lines().toList().getLast()).isEqualTo("18 checks passed");
    }

    @Test
    void curlAsksTheServerForHttp() throws Exception {
        TestData.needs(isOnPath("curl"), "no curl on the path: apt-get install curl", "tenon.ci");
        String url = http.address() + "/v2/models/scale";
        assertThat(run("curl", "-sS", "-f", http.address() + "/v2/health/ready"))
                .isEqualTo("{\"ready\":true}");
        String header = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]},"
                + "{\"name\":\"s\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":5}}],"
                + "\"outputs\":[{\"name\":\"y\"}]}";
        Path body = Files.writeString(folder.resolve("body"), header + "\1\0\0\0a", StandardCharsets.ISO_8859_1);
        String length = "Inference-Header-Content-Length: " + header.length();
        assertThat(run("curl", "-sS", "-f", "-H", length, "--data-binary", "@" + body, url + "/infer"))
                .isEqualTo("{\"model_name\":\"scale\",\"model_version\":\"1\",\"outputs\":["
                        + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,3],\"data\":[10.0,20.0,30.0]}]}");
        // In chunks.
        assertThat(run(
                        "curl",
                        "-sS",
                        "-f",
                        "-H",
                        length,
                        "-H",
                        "Transfer-Encoding: chunked",
                        "--data-binary",
                        "@" + body,
                        url + "/infer"))
                .contains("20.0");
        assertThat(run("curl", "-sS", "-f", "--http1.0", "-H", length, "--data-binary", "@" + body, url + "/infer"))
                .contains("20.0");
        assertThat(run("curl", "-sS", "-w", " %{http_code}", "-d", "{}", url + "/infer"))
                .contains("no inputs")
                .endsWith(" 400");
        assertThat(run("curl", "-sS", "-I", "-f", url + "/ready")).startsWith("HTTP/1.1 200");
    }

    private static boolean isOnPath(String command) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(Pattern.quote(File.pathSeparator)))
                .anyMatch(place -> Files.isExecutable(Path.of(place, command)));
    }

    /** Runs a command in the test's folder, and gives what it prints. It must end well. */
    private String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", ".txt");
        int code = exitCode(output, command);
        String text = Files.readString(output);
        assertThat(code).as("%s: %s", List.of(command), text).isZero();
        return text;
    }

    private int exitCode(Path output, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES))
                    .as("%s ends", List.of(command))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }
}
