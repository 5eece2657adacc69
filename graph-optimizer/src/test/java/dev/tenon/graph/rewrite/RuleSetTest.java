package dev.tenon.graph.rewrite;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleSetTest {
    private final List<String> made = new ArrayList<>();

    private Rule rule(String name, Pattern pattern) {
        made.add(name);
        return Rule.of(name, pattern, "x");
    }

    private void list(RuleList rules) {
        if (rules.asks("Neg")) rules.add(rule("neg-neg", op(Neg.class, op(Neg.class, any("x")))));
        if (rules.asks("Neg", "Relu") && rules.met("Abs"))
            rules.add(rule("behind-abs", op(List.of(Neg.class, Relu.class), op(Abs.class, any("x")))));
        if (rules.asks("Relu")) rules.add(rule("relu-relu", op(Relu.class, op(Relu.class, any("x")))));
    }

    private static List<String> startingAt(RuleSet set, Op op) {
        return set.startingAt(op).stream().map(Rule::name).toList();
    }

    private static RuleSet oneLine(boolean met, String needed, Pattern pattern, String... asked) {
        return RuleSet.of(rules -> {
            if (rules.asks(asked) && (!met || rules.met(needed))) {
                rules.add(Rule.of("a", pattern, "x"));
            }
        });
    }

    @Test
    void rulesAreMadeForTheOperatorsOfGraphs() {
        RuleSet set = RuleSet.of(this::list);
        assertThat(made).isEmpty();
        assertThat(startingAt(set, new Mul())).isEmpty();
        assertThat(made).isEmpty();
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg");
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg");
        assertThat(made).containsExactly("neg-neg");
    }

    @Test
    void aRuleComesToItsPlaceOnceWhatItNeedsIsMet() {
        RuleSet set = RuleSet.of(this::list);
        assertThat(startingAt(set, new Relu())).containsExactly("relu-relu");
        assertThat(startingAt(set, new Abs())).isEmpty();
        assertThat(startingAt(set, new Relu())).containsExactly("behind-abs", "relu-relu");
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg", "behind-abs");
    }

    @Test
    void unionsAndChoicesKeepTheOrder() {
        RuleSet set = RuleSet.of(this::list)
                .where(rule -> !rule.name().equals("behind-abs"))
                .plus(RuleSet.of(Rule.of("last", op(Relu.class, op(Neg.class, any("x"))), "x")));
        set.startingAt(new Abs());
        assertThat(startingAt(set, new Relu())).containsExactly("relu-relu", "last");
        assertThat(set.rules()).extracting(Rule::name).containsExactly("neg-neg", "relu-relu", "last");
        assertThatThrownBy(() -> set.plus(set).rules()).hasMessage("two rules 'neg-neg'");
    }

    @Test
    void linesNameTheOperatorsOfTheirPatterns() {
        Pattern relu = op(Relu.class, op(Abs.class, any("x")));
        assertThat(oneLine(true, "Abs", relu, "Relu").rules()).hasSize(1);
        assertThatThrownBy(() -> oneLine(false, "", relu, "Neg").rules())
                .hasMessage("rule 'a' starts at [Relu], but asks for [[Neg]]");
        assertThatThrownBy(() -> oneLine(false, "", relu, "Relu", "Neg").rules())
                .hasMessageContaining("starts at [Relu], but asks for");
        assertThatThrownBy(() -> oneLine(true, "Mul", relu, "Relu").rules())
                .hasMessage("rule 'a' may match without any of [Mul]");
    }

    @Test
    void patternsTellWhatTheyNeed() {
        Pattern abs = op(Abs.class, any("x"));
        Pattern choice = op(Relu.class, either(abs, op(Neg.class, abs), any("x")));
        assertThatThrownBy(() -> oneLine(true, "Abs", choice, "Relu").rules())
                .hasMessageContaining("may match without any of [Abs]");
        Pattern both = op(Relu.class, either(abs, op(Neg.class, abs)));
        assertThat(oneLine(true, "Abs", both, "Relu").rules()).hasSize(1);
        assertThatThrownBy(() -> oneLine(true, "Neg", both, "Relu").rules())
                .hasMessageContaining("may match without any of [Neg]");
        assertThat(oneLine(true, "Abs", sum(1, abs), "Add", "Sub").rules()).hasSize(1);
        assertThatThrownBy(() -> oneLine(true, "Abs", op(Add.class, any("x"), any()), "Add")
                        .rules())
                .hasMessageContaining("may match without any of [Abs]");
    }

    @Test
    void aLineThatAsksForNothingIsRefused() {
        RuleSet set = RuleSet.of(rules -> rules.add(Rule.of("a", op(Neg.class, any("x")), "x")));
        assertThatThrownBy(set::rules).hasMessage("rule 'a' starts at [Neg], but asks for []");
    }
}
