package dev.tenon.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tenon.testkit.TestData;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client runs on Java 17. */
class Java17Test {
    private static final int MAJOR_17 = 61;
    private static final String PROGRAM = "import dev.tenon.client.*; import java.net.URI; import java.util.Map;"
            + "class Program { public static void main(String[] a) {"
            + "Prediction p = TenonClient.to(URI.create(a[0])).model(\"m\")"
            + ".predict(Map.of(\"x\", ClientTensor.ofFloats(new float[] {1}, 1)));"
            + "System.out.println(Runtime.version().feature() + \" \" + p.output(\"y\").strings()[0]); } }";

    private static Path place(Class<?> type) {
        return Path.of(URI.create(
                type.getProtectionDomain().getCodeSource().getLocation().toString()));
    }

    @Test
    void classFilesAreThoseOf17() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(place(TenonClient.class))) {
            files = all.filter(file -> file.toString().endsWith(".class")).toList();
        }
        assertThat(files).hasSizeGreaterThan(5);
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            assertThat(bytes[6] << 8 | bytes[7]).as("%s", file).isEqualTo(MAJOR_17);
        }
    }

    /** JAVA_17_HOME, or where systems of Debian's and Red Hat's kind have it. */
    private static Optional<Path> java17() throws IOException {
        String told = System.getenv("JAVA_17_HOME");
        if (told != null) {
            return Optional.of(Path.of(told, "bin", "java"));
        }
        Path folder = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(home -> home.getFileName().toString().contains("17"))
                    .map(home -> home.resolve("bin/java"))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    @Test
    void aProgramRunsOn17(@TempDir Path folder) throws IOException, InterruptedException {
        Optional<Path> java = java17();
        TestData.needs(java.isPresent(), "neither JAVA_17_HOME nor /usr/lib/jvm/*17* has a Java 17", "tenon.ci");
        String libraries = place(TenonClient.class) + File.pathSeparator + place(tools.jackson.core.JsonParser.class);
        Path source = Files.writeString(folder.resolve("Program.java"), PROGRAM);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-proc:none", "--release", "17", "-cp", libraries, source.toString()))
                .isZero();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v2/models/m/infer", exchange -> {
            try (InputStream in = exchange.getRequestBody()) {
                in.readAllBytes();
            }
            String json =
                    "{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"BYTES\","
                            + "\"shape\":[1],\"parameters\":{\"binary_data_size\":6}}]}";
            exchange.getResponseHeaders().set("Inference-Header-Content-Length", String.valueOf(json.length()));
            byte[] body = (json + "\u0002\0\0\0ok").getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Process process = new ProcessBuilder(
                            java.get().toString(),
                            "-cp",
                            libraries + File.pathSeparator + folder,
                            "Program",
                            "http://127.0.0.1:" + server.getAddress().getPort())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out").toFile())
                    .start();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended).isTrue();
            assertThat(Files.readString(folder.resolve("out"))).isEqualToIgnoringNewLines("17 ok");
        } finally {
            server.stop(0);
        }
    }
}
