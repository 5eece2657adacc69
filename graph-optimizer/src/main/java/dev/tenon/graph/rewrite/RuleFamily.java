package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Rules that are made together, when they are first asked for. Safe for any number of threads. */
final class RuleFamily {
    /** Groups of operators. One operator of each group is in whatever a rule of this family matches. */
    private final List<Set<Class<? extends Op>>> operators;

    private final Supplier<List<Rule>> source;
    private List<Rule> rules;

    RuleFamily(List<Set<Class<? extends Op>>> operators, Supplier<List<Rule>> source) {
        this.operators = operators;
        this.source = source;
    }

    RuleFamily where(Predicate<Rule> condition) {
        return derived(rule -> condition.test(rule) ? rule : null);
    }

    /** The rules that a function gives for these; it gives null for a rule that is left out. */
    RuleFamily derived(UnaryOperator<Rule> function) {
        return new RuleFamily(operators, () -> {
            List<Rule> all = new ArrayList<>();
            for (Rule rule : rules()) {
                Rule other = function.apply(rule);
                if (other != null) {
                    all.add(other);
                }
            }
            return List.copyOf(all);
        });
    }

    /** The same rules, where one operator of a further group is in whatever a rule matches. */
    RuleFamily and(Set<Class<? extends Op>> group) {
        List<Set<Class<? extends Op>>> all = new ArrayList<>(operators);
        all.add(group);
        return new RuleFamily(List.copyOf(all), this::rules);
    }

    synchronized List<Rule> rules() {
        if (rules == null) {
            rules = source.get();
        }
        return rules;
    }

    /** The operators of all groups. */
    Set<Class<? extends Op>> operators() {
        Set<Class<? extends Op>> all = new HashSet<>();
        for (Set<Class<? extends Op>> group : operators) {
            all.addAll(group);
        }
        return all;
    }

    /** Whether a rule may match in graphs that have some operators. */
    boolean isNeeded(Set<Class<? extends Op>> met) {
        for (Set<Class<? extends Op>> group : operators) {
            if (Collections.disjoint(group, met)) {
                return false;
            }
        }
        return true;
    }

    /** Fails if a rule may match without an operator of a group. */
    void check() {
        for (Set<Class<? extends Op>> group : operators) {
            for (Rule rule : rules()) {
                if (!rule.pattern().requires(group)) {
                    throw new IllegalArgumentException(
                            "rule '" + rule.name() + "' may match without any of " + names(group));
                }
            }
        }
    }

    private static List<String> names(Set<Class<? extends Op>> group) {
        return group.stream().map(Class::getSimpleName).sorted().toList();
    }
}
