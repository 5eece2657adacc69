package dev.tenon.compression.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.fuzz.Outcome;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that campaigns found. Their names begin with the name of the campaign. */
class FuzzFindingsTest {
    @TempDir
    private Path folder;

    static List<Path> files() throws IOException, URISyntaxException {
        Path found = Path.of(Objects.requireNonNull(FuzzFindingsTest.class.getResource("/fuzz"), "resources/fuzz")
                .toURI());
        try (Stream<Path> files = Files.list(found)) {
            return files.filter(f -> f.toString().endsWith(".bin")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void isRefusedOrRuns(Path file) throws IOException {
        String name = file.getFileName().toString();
        Campaigns.Kind kind =
                Campaigns.Kind.valueOf(name.substring(0, name.indexOf('-')).toUpperCase(Locale.ROOT));
        Outcome outcome = new Campaigns(folder).judge(kind, Files.readAllBytes(file));
        assertThat(outcome.isFault()).as("%s: %s", name, outcome).isFalse();
    }
}
