package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Compares the page of operators with the tables. If operators, versions or kernels change, write the page again with
 * {@code -Dtenon.docs.update=true} and commit it.
 */
@Tag("vector")
class OperatorsPageTest {
    private static final String UPDATE =
            "./mvnw -pl model-formats -am test -Dtest=OperatorsPageTest -Dtenon.docs.update=true";

    @Test
    void thePageIsCurrent() throws IOException {
        Path file = Path.of(System.getProperty("tenon.root", "..")).resolve("docs/operators.md");
        String found = OperatorsPage.text();
        if (Boolean.getBoolean("tenon.docs.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, found);
        }
        assertThat(file).as("the page of operators; written by: %s", UPDATE).exists();
        assertThat(found.lines())
                .as("docs/operators.md is not current; to write it again: %s", UPDATE)
                .containsExactlyElementsOf(Files.readAllLines(file));
    }
}
