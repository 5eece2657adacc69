package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sets of sessions, as the tests that are about every rule enumerate them. */
class StandardRulesTest {
    /** All sets of all sessions: with all rules, and with those of machines on which everything pays, or nothing. */
    static Stream<RuleSet> sets() {
        return Stream.of(StandardRules.values())
                .flatMap(set -> Stream.of(set.rules(), set.paying(op -> true), set.paying(op -> false)));
    }

    /** The names of all rules that a session may use. */
    static Set<String> names() {
        Set<String> names = new TreeSet<>();
        sets().forEach(set -> set.rules().forEach(rule -> names.add(rule.name())));
        return names;
    }

    /** No rule matches without one of the operators that its family waits for: {@link RuleSet#rules} would throw. */
    @ParameterizedTest
    @MethodSource("sets")
    void noFamilyIsMadeTooLate(RuleSet set) {
        assertThat(set.rules()).isNotEmpty();
    }

    /** The sets that the classes of rules declare: a rule that no set of sessions has would be tested by nothing. */
    @Test
    void everyDeclaredRuleIsInASetOfSessions() throws IOException, ReflectiveOperationException, URISyntaxException {
        Path classes = Path.of(StandardRules.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> declared = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes.resolve("dev/tenon/graph/rules"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith("Rules.class")).toList()) {
                String name = classes.relativize(file).toString().replaceAll("[/\\\\]", ".");
                for (Field field : Class.forName(name.substring(0, name.length() - ".class".length()))
                        .getDeclaredFields()) {
                    if (Modifier.isStatic(field.getModifiers()) && field.getType() == RuleSet.class) {
                        field.setAccessible(true);
                        ((RuleSet) field.get(null))
                                .rules().stream().map(Rule::name).forEach(declared::add);
                    }
                }
            }
        }
        assertThat(declared).hasSizeGreaterThan(names().size());
        assertThat(names()).containsAll(declared);
    }
}
