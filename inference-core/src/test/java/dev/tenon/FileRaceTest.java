package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.FileRaceProgram;
import dev.tenon.testkit.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that change while they are mapped: each race ends in a result or a typed exception, and the JVM lives. */
@Tag("exhaustive")
class FileRaceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int RACES = Integer.getInteger("tenon.races", 10_000);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "ONNX, scalar",
        "ONNX, machine",
        "EXTERNAL, scalar",
        "EXTERNAL, machine",
        "PACKAGE, scalar",
        "PACKAGE, machine",
        "TREES, scalar"
    })
    void theJvmLives(FileRaceProgram.Kind kind, String tier, TestReporter reporter)
            throws IOException, InterruptedException {
        List<String> flags = tier.equals("scalar")
                ? List.of("-Xmx256m", "-Dtenon.vector=off", "-Dtenon.native=off")
                : List.of("-Xmx256m", "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");
        long seed = System.nanoTime();
        Path files = Files.createDirectory(folder.resolve("files"));
        ChildJvm child = ChildJvm.start(
                folder,
                flags,
                FileRaceProgram.class,
                kind.name(),
                files.toString(),
                Integer.toString(RACES),
                Long.toString(seed));
        int status = child.await(PATIENCE);
        reporter.publishEntry("seed " + seed, child.output());
        assertThat(status).as("seed %d: %s", seed, child.output()).isZero();
        assertThat(child.output()).contains("end");
    }
}
