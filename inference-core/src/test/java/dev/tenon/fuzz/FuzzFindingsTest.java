package dev.tenon.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.fuzz.Outcome;
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
        Outcome outcome = judge(name.substring(0, name.indexOf('-')), bytes);
        assertThat(outcome.isFault()).as("%s: %s", name, outcome).isFalse();
    }

    private static Outcome judge(String campaign, byte[] bytes) throws IOException {
        return switch (campaign) {
            case "tensors" -> Oracle.tensor(bytes);
            case "arrays" -> Oracle.npy(bytes);
            case "tokenizers" -> TextOracle.file(bytes);
            case "texts" -> TextOracle.text(TextOracle.tokenizers(Seeds.tokenizers()), bytes);
            case "images" -> ImageOracle.image(bytes);
            default -> Oracle.model(bytes, bytes.length);
        };
    }
}
