package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The mutants that no test kills are those of {@code survivors.tsv}, each with a reason. A mutant is named by its class, by what
 * was changed and by the text of its line, so that other lines may come and go. The build writes the report before it runs tests.
 */
@Tag("exhaustive")
class MutantsTest {
    private static final Path REPORT = Path.of("target", "pit-reports", "mutations.xml");
    private static final Path LIST =
            Path.of("src", "test", "resources", "dev", "tenon", "graph", "rules", "survivors.tsv");
    private static final Pattern MUTANT =
            Pattern.compile("<mutation [^>]*status='(\\w+)'.*?<mutatedClass>([^<]*)</mutatedClass>"
                    + ".*?<lineNumber>(\\d+)</lineNumber><mutator>([^<]*)</mutator>");
    private static final Map<String, String> CHANGES = Map.of(
            "ConditionalsBoundaryMutator", "boundary",
            "BooleanTrueReturnValsMutator", "true",
            "BooleanFalseReturnValsMutator", "false",
            "NullReturnValsMutator", "null");
    private static final int REASON = 4;
    private static final String KINDS = "(equivalent|either|speed only|size|start): \\w.+";

    @Test
    void thoseThatSurviveHaveAReason() throws IOException {
        Map<String, Integer> found = new TreeMap<>();
        for (String line : Files.readAllLines(REPORT)) {
            Matcher m = MUTANT.matcher(line);
            if (m.find() && (m.group(1).equals("SURVIVED") || m.group(1).equals("NO_COVERAGE"))) {
                found.merge(key(m.group(2), change(m.group(4)), Integer.parseInt(m.group(3))), 1, Integer::sum);
            }
        }
        Map<String, Integer> listed = new TreeMap<>();
        for (String line : Files.readAllLines(LIST)) {
            if (!line.startsWith("#")) {
                String[] columns = line.split("\t");
                assertThat(columns).as(line).hasSize(REASON + 1);
                assertThat(columns[REASON]).as("a kind and a reason in words").matches(KINDS);
                listed.put(columns[0] + " " + columns[1] + " " + columns[3], Integer.parseInt(columns[2]));
            }
        }
        assertThat(found)
                .as("mutants that survive, see target/pit-reports/index.html, and those of %s", LIST)
                .isEqualTo(listed);
    }

    private static String change(String mutator) {
        String name = mutator.substring(mutator.lastIndexOf('.') + 1);
        return name.startsWith("RemoveConditional")
                ? name.endsWith("_IF") ? "always" : "never"
                : CHANGES.getOrDefault(name, name);
    }

    private static String key(String type, String change, int line) throws IOException {
        String file = type.replaceFirst("\\$.*", "").replace('.', '/') + ".java";
        List<String> lines = Files.readAllLines(Path.of("src", "main", "java").resolve(file));
        return type.replaceFirst("dev\\.tenon\\.graph\\.(rules\\.)?", "") + " " + change + " "
                + lines.get(line - 1).strip();
    }
}
