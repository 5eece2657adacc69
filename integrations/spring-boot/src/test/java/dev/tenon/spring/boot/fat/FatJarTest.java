package dev.tenon.spring.boot.fat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Tanh;
import dev.tenon.tensor.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.loader.tools.Library;
import org.springframework.boot.loader.tools.LibraryScope;
import org.springframework.boot.loader.tools.Repackager;

/** An application in one jar, as Spring Boot packs it, in a JVM of its own. */
@Timeout(120)
class FatJarTest {
    private static final String APPLICATION = "dev/tenon/spring/boot/fat/FatApplication.class";

    @TempDir
    private static Path folder;

    private static Path fat;

    @BeforeAll
    static void pack() throws IOException {
        Path application = jar("application.jar", Map.of(APPLICATION, application(), "own.onnx", model()));
        List<Library> libraries = new ArrayList<>();
        libraries.add(library(jar("models.jar", Map.of("models/other.onnx", model()))));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (path.endsWith("classes")) {
                libraries.add(library(jar("classes-" + libraries.size() + ".jar", files(path))));
            } else if (Files.isRegularFile(path)) {
                libraries.add(library(path));
            }
        }
        fat = folder.resolve("fat.jar");
        Repackager repackager = new Repackager(application.toFile());
        repackager.setMainClass(FatApplication.class.getName());
        repackager.repackage(fat.toFile(), callback -> {
            for (Library library : libraries) {
                callback.library(library);
            }
        });
    }

    private static Library library(Path jar) {
        return new Library(jar.toFile(), LibraryScope.COMPILE);
    }

    private static byte[] model() throws IOException {
        GraphBuilder graph = new GraphBuilder("tanh");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        graph.output("y", graph.add(new Tanh(), x));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Model.of(graph.build()).save(bytes, SaveOptions.standard());
        return bytes.toByteArray();
    }

    private static byte[] application() throws IOException {
        try (InputStream in = FatJarTest.class.getResourceAsStream("/" + APPLICATION)) {
            return Objects.requireNonNull(in).readAllBytes();
        }
    }

    private static Path jar(String name, Map<String, byte[]> entries) throws IOException {
        Path jar = folder.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new JarEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return jar;
    }

    private static Map<String, byte[]> files(Path classes) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(classes)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(
                        classes.relativize(file).toString().replace(File.separatorChar, '/'), Files.readAllBytes(file));
            }
        }
        return files;
    }

    /** Runs the jar, and gives its exit code and all that it prints. */
    private static String run(String... properties) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", fat.toString()));
        command.addAll(List.of(properties));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return "exit code " + process.exitValue() + "\n" + printed;
    }

    /** One model is among the classes of the application, the other one is in a jar inside of its jar. */
    @Test
    void modelsAreFoundInTheJarAndInAJarInsideOfIt() throws Exception {
        assertThat(run(
                        "--tenon.serving.models.own.path=classpath:own.onnx",
                        "--tenon.serving.models.other.path=classpath:models/other.onnx"))
                .startsWith("exit code 0\n")
                .contains("own says 1.0", "other says 1.0");
    }

    @Test
    void whatIsWrongIsSaidWithoutAStackTrace() throws Exception {
        assertThat(run("--tenon.serving.thread=2"))
                .startsWith("exit code 1\n")
                .contains("APPLICATION FAILED TO START", "the nearest name is tenon.serving.threads")
                .doesNotContain("\tat ");
        assertThat(run("--tenon.serving.models.own.path=classpath:absent.onnx"))
                .startsWith("exit code 1\n")
                .contains("APPLICATION FAILED TO START", "absent.onnx")
                .doesNotContain("\tat ");
    }
}
