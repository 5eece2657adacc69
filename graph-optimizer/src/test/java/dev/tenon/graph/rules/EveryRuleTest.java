package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each rule of each set of {@link StandardRules} has two tests that name it: one with a graph before and after the rule,
 * whose results are compared, and one with a graph on which the rule must not fire. This is read from the sources of the
 * tests.
 */
class EveryRuleTest {
    private static final Path TESTS = Path.of("src", "test", "java", "dev", "tenon", "graph");
    private static final String BEFORE_AND_AFTER = "becomes";
    private static final String MUST_NOT_FIRE = "(?:stays|refuses)";

    @Test
    void isShownByAGraphBeforeAndAfter() throws IOException {
        assertThat(without(BEFORE_AND_AFTER)).as("rules without a text graph").isEmpty();
    }

    @Test
    void hasAGraphOnWhichItMustNotFire() throws IOException {
        assertThat(without(MUST_NOT_FIRE))
                .as("rules that no test keeps from firing")
                .isEmpty();
    }

    private static List<String> without(String call) throws IOException {
        List<String> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file :
                    files.filter(p -> p.toString().endsWith("Test.java")).toList()) {
                List<String> parts = List.of(Files.readString(file).split("@(?:Parameterized)?Test\\b"));
                tests.addAll(parts.subList(1, parts.size()));
            }
        }
        assertThat(tests).as("tests below " + TESTS.toAbsolutePath()).isNotEmpty();
        return StandardRulesTest.names().stream()
                .filter(name -> tests.stream().noneMatch(test -> names(test, call, name)))
                .toList();
    }

    /** Whether a test calls a method with the name of the rule, or has the name in the first column of its table. */
    private static boolean names(String test, String call, String rule) {
        boolean itself = Pattern.compile("\\b" + call + "\\([^\";]*\"" + rule + "\"")
                .matcher(test)
                .find();
        boolean row =
                Pattern.compile("(?m)^\\s*" + rule + "\\s*\\|").matcher(test).find();
        return itself
                || row
                        && Pattern.compile("\\b" + call + "\\([^\";]*\\brule\\b")
                                .matcher(test)
                                .find();
    }
}
