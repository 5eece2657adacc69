package dev.tenon.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.OpDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every operator that models may use is compared with the peer, or listed with the test that tests it instead. These
 * are the operators of the library, and those of every domain that are read as others, as the page of operators lists
 * them.
 */
class EveryOperatorTest {
    private static final Path PAGE =
            Path.of(System.getProperty("tenon.root", "..")).resolve("docs/operators.md");
    private static final Set<String> STANDARD = Set.of("ai.onnx", "ai.onnx.ml");
    private static final Pattern DOMAIN = Pattern.compile("## ([a-z.]+)");
    private static final Pattern ROW = Pattern.compile("\\| ([A-Z]\\w*) \\| .*");

    private static Set<String> compared() {
        Set<String> all = new TreeSet<>();
        Families.all().forEach(f -> f.generators().keySet().forEach(entry -> all.add(Family.operator(entry))));
        return all;
    }

    private static Set<String> listed() throws IOException {
        Set<String> all = new TreeSet<>();
        String prefix = "";
        for (String line : Files.readAllLines(PAGE)) {
            Matcher domain = DOMAIN.matcher(line);
            Matcher row = ROW.matcher(line);
            if (domain.matches()) {
                prefix = STANDARD.contains(domain.group(1)) ? "" : domain.group(1) + ".";
            } else if (row.matches()) {
                all.add(prefix + row.group(1));
            }
        }
        return all;
    }

    @Test
    void isComparedOrListed() throws IOException {
        Set<String> missing = listed();
        Set<String> compared = compared();
        assertThat(missing).as("what the page lists and is compared").contains("Add", "com.microsoft.Gelu");
        missing.removeAll(compared);
        assertThat(CoveredElsewhere.operators())
                .as("operators without a generator")
                .isEqualTo(missing);
    }

    @Test
    void comparesOperatorsThatThereAre() throws IOException {
        assertThat(listed()).containsAll(compared());
    }

    /** The page of operators also has operators that are read as others. Each operator on it is in a table. */
    @Test
    void thePageListsWhatTheLibraryHas() throws IOException {
        Set<String> names = new TreeSet<>();
        listed().forEach(entry -> names.add(entry.substring(entry.lastIndexOf('.') + 1)));
        for (OpDefinition<?> d : Generators.OPERATORS.definitions()) {
            assertThat(names).contains(d.schema().name());
        }
    }
}
