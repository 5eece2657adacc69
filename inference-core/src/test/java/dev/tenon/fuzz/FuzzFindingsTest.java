package dev.tenon.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that campaigns found. Their names begin with the name of the campaign. */
class FuzzFindingsTest {
    static List<Path> files() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(FuzzFindingsTest.class.getResource("/fuzz"), "resources/fuzz")
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".bin")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void isRefusedOrRuns(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        String name = file.getFileName().toString();
        Outcome outcome = name.startsWith("tensors")
                ? Oracle.tensor(bytes)
                : name.startsWith("arrays") ? Oracle.npy(bytes) : Oracle.model(bytes, bytes.length);
        assertThat(outcome.isFault()).as("%s: %s", name, outcome).isFalse();
    }
}
