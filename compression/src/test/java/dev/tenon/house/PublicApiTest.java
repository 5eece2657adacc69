package dev.tenon.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The public API of each module against a committed file. A change of the API is made on purpose: run with
 * {@code -Dtenon.api.update=true}, which writes the files anew, and commit them.
 */
class PublicApiTest {
    static final List<String> MODULES = House.LIBRARIES;

    private static final String UPDATE = "./mvnw -pl compression -am test -Dtest=PublicApiTest -Dtenon.api.update=true";

    @ParameterizedTest
    @FieldSource("MODULES")
    void publicApiIsTheCommittedOne(String module) throws IOException {
        List<String> found = ApiText.of(House.classes(module));
        Path file = House.root().resolve("compression/src/test/resources/api").resolve(module + ".txt");
        if (Boolean.getBoolean("tenon.api.update")) {
            Files.createDirectories(file.getParent());
            Files.write(file, found);
        }
        assertThat(file)
                .as("the committed API of %s; written by: %s", module, UPDATE)
                .exists();
        assertThat(found)
                .as("the public API of %s against %s; if the change is meant: %s", module, file, UPDATE)
                .containsExactlyElementsOf(Files.readAllLines(file));
    }
}
