package dev.tenon.graph.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.rewrite.RuleSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StandardRulesTest {
    static Stream<RuleSet> sets() {
        return Stream.of(
                StandardRules.ALL,
                StandardRules.exact(),
                StandardRules.integers(),
                StandardRules.integerProducts(),
                StandardRules.paying(op -> true),
                StandardRules.paying(op -> false),
                StandardRules.payingWithBytes(op -> true),
                StandardRules.payingWithBytes(op -> false),
                StandardRules.int8Dynamic(),
                StandardRules.bf16());
    }

    /** No rule matches without one of the operators that its family waits for: {@link RuleSet#rules} would throw. */
    @ParameterizedTest
    @MethodSource("sets")
    void noFamilyIsMadeTooLate(RuleSet set) {
        assertThat(set.rules()).isNotEmpty();
    }
}
