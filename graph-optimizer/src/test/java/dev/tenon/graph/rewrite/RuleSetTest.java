package dev.tenon.graph.rewrite;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;
import static dev.tenon.graph.rewrite.Pattern.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graphs;
import dev.tenon.op.Op;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sub;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RuleSetTest {
    private static final Rule NEG_NEG = Rule.of("neg-neg", op(Neg.class, op(Neg.class, any("x"))), "x");
    private static final Rule RELU_RELU = Rule.of("relu-relu", op(Relu.class, op(Relu.class, any("x"))), "x");
    private static final Rule AFTER_ABS =
            Rule.of("after-abs", op(List.of(Neg.class, Relu.class), op(Abs.class, any("x"))), "x");

    private final List<String> made = new ArrayList<>();

    private RuleSet family(Rule rule, Class<? extends Op> operator) {
        return RuleSet.lazy(
                () -> {
                    made.add(rule.name());
                    return RuleSet.of(rule);
                },
                operator);
    }

    private static List<String> startingAt(RuleSet set, Op op) {
        return set.startingAt(op).stream().map(Rule::name).toList();
    }

    private static RuleSet one(Pattern pattern) {
        return RuleSet.of(Rule.of("a", pattern, "x"));
    }

    private static void requires(Pattern pattern, Class<? extends Op> operator) {
        assertThat(RuleSet.lazy(() -> one(pattern), operator).rules()).hasSize(1);
    }

    private static void refuses(Pattern pattern, Class<? extends Op> operator) {
        assertThatThrownBy(() -> RuleSet.lazy(() -> one(pattern), operator).rules())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rule 'a' may match without any of [%s]", operator.getSimpleName());
    }

    @Test
    void rulesAreFoundByTheOperatorsTheirPatternsStartAt() {
        RuleSet set = RuleSet.of(NEG_NEG, AFTER_ABS, RELU_RELU);
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg", "after-abs");
        assertThat(startingAt(set, new Relu())).containsExactly("after-abs", "relu-relu");
        assertThat(startingAt(set, new Abs())).isEmpty();
    }

    @Test
    void patternsTellTheirRoots() {
        Pattern abs = op(Abs.class, any("x"));
        assertThat(abs.roots()).containsExactly(Abs.class);
        assertThat(either(abs, op(Neg.class, abs)).roots()).containsExactlyInAnyOrder(Abs.class, Neg.class);
        assertThat(either(abs, any()).roots()).isEmpty();
        assertThat(sum(1, abs).roots()).containsExactlyInAnyOrder(Add.class, Sub.class);
        assertThat(Pattern.product(1, abs).roots()).containsExactlyInAnyOrder(Mul.class, Div.class);
        assertThat(Pattern.scalar(1).roots()).isEmpty();
    }

    @Test
    void aFamilyIsMadeOnceOneOfItsOperatorsIsMet() {
        RuleSet set = family(NEG_NEG, Neg.class).plus(family(RELU_RELU, Relu.class));
        assertThat(startingAt(set, new Mul())).isEmpty();
        assertThat(made).isEmpty();
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg");
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg");
        assertThat(made).containsExactly("neg-neg");
    }

    @Test
    void familiesMayBeMadeBeforeTheirOperatorsAreMet() {
        RuleSet set = family(NEG_NEG, Neg.class).plus(family(RELU_RELU, Relu.class));
        set.prepare(List.of(Mul.class, Relu.class));
        assertThat(made).containsExactly("relu-relu");
        assertThat(startingAt(set, new Relu())).containsExactly("relu-relu");
        assertThat(startingAt(set, new Neg())).containsExactly("neg-neg");
        set.prepare(List.of(Neg.class, Relu.class));
        assertThat(made).containsExactly("relu-relu", "neg-neg");
    }

    @Test
    void aFamilyOfTwoGroupsIsMadeOnceAnOperatorOfEachIsMet() {
        RuleSet set = family(AFTER_ABS, Abs.class).and(Neg.class, Relu.class);
        assertThat(startingAt(set, new Neg())).isEmpty();
        assertThat(startingAt(set, new Mul())).isEmpty();
        assertThat(made).isEmpty();
        assertThat(startingAt(set, new Abs())).isEmpty();
        assertThat(startingAt(set, new Relu())).containsExactly("after-abs");
        assertThat(made).containsExactly("after-abs");
    }

    @Test
    void aFamilyOfALateSetIsMadeOnceItsOwnOperatorIsMet() {
        RuleSet set = RuleSet.lazy(
                () -> family(NEG_NEG, Neg.class).plus(family(RELU_RELU, Relu.class)), Neg.class, Relu.class, Abs.class);
        assertThat(startingAt(set, new Abs())).isEmpty();
        assertThat(made).isEmpty();
        assertThat(startingAt(set, new Relu())).containsExactly("relu-relu");
        assertThat(made).containsExactly("relu-relu");
        assertThat(startingAt(set.where(r -> true), new Neg())).containsExactly("neg-neg");
        assertThat(set.rules()).hasSize(2);
    }

    @Test
    void aLateSetWaitsForAllOperatorsOfItsFamilies() {
        RuleSet set = RuleSet.lazy(() -> family(NEG_NEG, Neg.class), Abs.class);
        assertThatThrownBy(() -> startingAt(set, new Abs()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[Neg]")
                .hasMessageContaining("[Abs]");
    }

    @Test
    void eachRuleNeedsAnOperatorOfEachGroup() {
        Pattern pattern = op(Relu.class, op(Abs.class, any("x")));
        assertThat(RuleSet.lazy(() -> one(pattern), Abs.class)
                        .and(Relu.class, Neg.class)
                        .rules())
                .hasSize(1);
        RuleSet other = RuleSet.lazy(() -> one(pattern), Abs.class).and(Neg.class, Mul.class);
        assertThatThrownBy(other::rules).hasMessage("rule 'a' may match without any of [Mul, Neg]");
    }

    private static RewriteTrace paying(boolean pays, String text, List<Class<? extends Op>> asked) {
        RuleSet set = RuleSet.of(
                Rule.of("making", op(Neg.class, any("x")), (m, to) -> to.add(new Abs(), m.value("x")))
                        .unless(m -> m.value("x").name().equals("never") ? "it is never done" : null)
                        .making(Abs.class),
                RELU_RELU);
        RewriteTrace trace = new RewriteTrace();
        new Rewriter(set.paying(type -> asked.add(type) && pays)).apply(Graphs.parse(text), trace);
        return trace;
    }

    @Test
    void aRuleIsRefusedIfWhatItMakesDoesNotPay() {
        String text = "graph g(%x: f32[2]) { %a = Relu(%x) %b = Relu(%a) %y = Neg(%b) return %y }";
        List<Class<? extends Op>> asked = new ArrayList<>();
        assertThat(paying(true, text, asked).counts()).containsOnlyKeys("making", "relu-relu");
        RewriteTrace refused = paying(false, text, asked);
        assertThat(refused.counts()).containsOnlyKeys("relu-relu");
        assertThat(refused.nearMisses())
                .extracting(RewriteTrace.NearMiss::reason)
                .containsOnly("Abs has no fast kernel here");
        assertThat(asked).containsOnly(Abs.class);
    }

    @Test
    void nobodyAsksWhatPaysForARuleThatIsRefusedAnyway() {
        List<Class<? extends Op>> asked = new ArrayList<>();
        RewriteTrace trace = paying(true, "graph g(%never: f32[2]) { %y = Neg(%never) return %y }", asked);
        assertThat(trace.nearMisses()).extracting(RewriteTrace.NearMiss::reason).containsOnly("it is never done");
        assertThat(asked).isEmpty();
    }

    @Test
    void aFamilyComesToItsPlaceWhenItIsMade() {
        RuleSet set = family(AFTER_ABS, Abs.class).plus(RuleSet.of(RELU_RELU));
        assertThat(startingAt(set, new Relu())).containsExactly("relu-relu");
        assertThat(startingAt(set, new Abs())).isEmpty();
        assertThat(startingAt(set, new Relu())).containsExactly("after-abs", "relu-relu");
        assertThat(startingAt(set, new Neg())).containsExactly("after-abs");
    }

    @Test
    void unionsAndChoicesKeepTheOrder() {
        RuleSet set = family(NEG_NEG, Neg.class)
                .plus(family(AFTER_ABS, Abs.class))
                .plus(RuleSet.of(RELU_RELU))
                .where(rule -> !rule.name().equals("after-abs"))
                .plus(RuleSet.of(Rule.of("last", op(Relu.class, op(Neg.class, any("x"))), "x")));
        assertThat(made).isEmpty();
        set.startingAt(new Abs());
        assertThat(startingAt(set, new Relu())).containsExactly("relu-relu", "last");
        assertThat(set.rules()).extracting(Rule::name).containsExactly("neg-neg", "relu-relu", "last");
    }

    @Test
    void aFamilyIsMadeOnceForAllSetsThatAreMadeOfItsSet() {
        RuleSet set = family(NEG_NEG, Neg.class);
        assertThat(set.where(rule -> true).rules()).hasSize(1);
        assertThat(set.where(Rule::exact).rules()).hasSize(1);
        assertThat(set.rules()).hasSize(1);
        assertThat(made).containsExactly("neg-neg");
    }

    @Test
    void twoRulesOfOneNameAreRefused() {
        RuleSet set = RuleSet.of(NEG_NEG);
        assertThatThrownBy(() -> RuleSet.of(NEG_NEG, NEG_NEG)).hasMessage("two rules 'neg-neg'");
        assertThatThrownBy(() -> set.plus(set).rules()).hasMessage("two rules 'neg-neg'");
    }

    @Test
    void aRuleThatStartsAtNoOperatorIsRefused() {
        assertThatThrownBy(() -> one(any("x"))).hasMessage("rule 'a' starts at no operator");
        assertThatThrownBy(() -> one(either(op(Abs.class, any("x")), any("x"))))
                .hasMessage("rule 'a' starts at no operator");
    }

    @Test
    void aRuleThatMatchesWithoutTheOperatorsOfItsFamilyIsRefused() {
        Pattern abs = op(Abs.class, any("x"));
        requires(abs, Abs.class);
        requires(op(Relu.class, abs), Abs.class);
        refuses(op(Relu.class, abs), Mul.class);
        requires(op(Relu.class, either(abs, op(Neg.class, abs))), Abs.class);
        refuses(op(Relu.class, either(abs, op(Neg.class, abs))), Neg.class);
        refuses(op(Relu.class, either(abs, op(Neg.class, abs), any("x"))), Abs.class);
        requires(sum(1, abs), Abs.class);
        refuses(op(List.of(Abs.class, Neg.class), any("x")), Abs.class);
        assertThat(RuleSet.lazy(() -> one(op(List.of(Abs.class, Neg.class), any("x"))), Abs.class, Neg.class)
                        .rules())
                .hasSize(1);
        assertThat(sum(1, any("x")).requires(Set.of(Add.class, Sub.class))).isTrue();
        assertThat(sum(1, any("x")).requires(Set.of(Add.class))).isFalse();
    }

    @Test
    void threadsThatMeetOperatorsAtTheSameTimeFindTheSameRules() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 50; round++) {
                RuleSet set = family(AFTER_ABS, Abs.class).plus(RuleSet.of(RELU_RELU));
                Callable<List<String>> asker = () -> {
                    set.startingAt(new Relu());
                    set.startingAt(new Abs());
                    return startingAt(set, new Relu());
                };
                for (Future<List<String>> found : threads.invokeAll(List.of(asker, asker, asker, asker))) {
                    assertThat(found.get()).containsExactly("after-abs", "relu-relu");
                }
            }
        }
    }

    @Test
    void rulesThatAreMadeLateNeedAnOperator() {
        assertThatThrownBy(() -> RuleSet.lazy(() -> RuleSet.of(NEG_NEG)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one operator");
        RuleSet set = family(NEG_NEG, Neg.class);
        assertThatThrownBy(set::and)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one operator");
    }
}
