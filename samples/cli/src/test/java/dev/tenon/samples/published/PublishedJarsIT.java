package dev.tenon.samples.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedJarsIT {
    private static final String VECTOR = "--add-modules=jdk.incubator.vector";
    private static final Pattern EXAMPLE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    private static final Path CONSUMER = Jars.root().resolve("samples/cli/consumer");
    private static final Path COMPRESSION_CONSUMER = Jars.root().resolve("samples/cli/consumer/compression");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runsOnTheClassPath(boolean vector) throws Exception {
        compile("-cp", Jars.path(), "-d", "classes", source());
        String classPath = "classes" + File.pathSeparator + Jars.path();
        expectDoubled(java(vector, "-cp", classPath, "dev.tenon.consumer.Predict", model()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runsOnTheModulePath(boolean vector) throws Exception {
        compile(
                "-p",
                Jars.path(),
                "-d",
                "classes",
                source(),
                CONSUMER.resolve("module-info.java").toString());
        String modulePath = "classes" + File.pathSeparator + Jars.path();
        expectDoubled(java(vector, "-p", modulePath, "-m", "dev.tenon.consumer/dev.tenon.consumer.Predict", model()));
    }

    @Test
    void compressionRunsOnTheClassPath() throws Exception {
        String jars = Jars.pathWithCompression();
        compile("-cp", jars, "-d", "classes", compressor());
        String classPath = "classes" + File.pathSeparator + jars;
        expectCompressed(java(true, "-cp", classPath, "dev.tenon.consumer.compression.Compress", folder.toString()));
    }

    @Test
    void compressionRunsOnTheModulePath() throws Exception {
        String jars = Jars.pathWithCompression();
        compile(
                "-p",
                jars,
                "-d",
                "classes",
                compressor(),
                COMPRESSION_CONSUMER.resolve("module-info.java").toString());
        expectCompressed(java(
                true,
                "-p",
                "classes" + File.pathSeparator + jars,
                "-m",
                "dev.tenon.consumer.compression/dev.tenon.consumer.compression.Compress",
                folder.toString()));
    }

    @Test
    void readmeExampleRuns() throws Exception {
        Matcher example = EXAMPLE.matcher(Files.readString(Jars.root().resolve("README.md")));
        assertThat(example.find()).as("README.md has a block of Java").isTrue();
        Files.writeString(folder.resolve("Quickstart.java"), example.group(1));
        Tool run = java(false, "-cp", Jars.path(), "Quickstart.java", model());
        assertThat(run.status()).as("%s%n%s", run.out(), run.err()).isZero();
        assertThat(run.out()).contains("2.0, 4.0, 6.0, 8.0");
    }

    @ParameterizedTest
    @MethodSource("modules")
    void jarsAreModules(String module) throws IOException {
        assertThat(ModuleFinder.of(Jars.jar(module, "")).findAll())
                .singleElement()
                .satisfies(found -> assertThat(found.descriptor().isAutomatic()).isFalse());
        assertThat(entries(Jars.jar(module, ""))).contains("META-INF/LICENSE", "META-INF/NOTICE");
    }

    /** Continuous integration alone builds these jars. */
    @Tag("costly")
    @ParameterizedTest
    @MethodSource("modules")
    void jarsHaveSourcesAndDocumentation(String module) throws IOException {
        assertThat(entries(Jars.jar(module, "-sources")))
                .contains("module-info.java", "META-INF/LICENSE", "META-INF/NOTICE");
        assertThat(entries(Jars.jar(module, "-javadoc"))).contains("index.html");
    }

    private static Stream<String> modules() {
        return Stream.of("ops", "graph-optimizer", "model-formats", "inference-core", "compression");
    }

    private void compile(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("--release", "25", "-Xlint:all", "-Werror"));
        all.addAll(List.of(arguments));
        Tool javac = Tool.run(folder, "javac", all);
        assertThat(javac.status()).as("%s%n%s", javac.out(), javac.err()).isZero();
    }

    private Tool java(boolean vector, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(vector ? List.of(VECTOR) : List.of());
        all.addAll(List.of(arguments));
        return Tool.run(folder, "java", all);
    }

    private static void expectDoubled(Tool run) {
        assertThat(run.status()).as("%s%n%s", run.out(), run.err()).isZero();
        assertThat(run.out().strip()).isEqualTo("[2.0, 4.0, 6.0, 8.0]");
    }

    private static void expectCompressed(Tool run) {
        assertThat(run.status()).as("%s%n%s", run.out(), run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly("prune-2:4+int8-static smaller true, nodes true", "lowrank smaller true, nodes true");
    }

    private static String compressor() {
        return COMPRESSION_CONSUMER
                .resolve("dev/tenon/consumer/compression/Compress.java")
                .toString();
    }

    private static String source() {
        return CONSUMER.resolve("dev/tenon/consumer/Predict.java").toString();
    }

    private static String model() {
        return CONSUMER.resolve("double.onnx").toString();
    }

    private static List<String> entries(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(ZipEntry::getName).toList();
        }
    }
}
