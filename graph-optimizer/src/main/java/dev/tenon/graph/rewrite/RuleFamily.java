package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Rules, or families of rules that are made together, when they are first asked for. Safe for any number of threads.
 */
final class RuleFamily {
    /** Groups of operators. One operator of each group is in whatever a rule of this family matches. */
    private final List<Set<Class<? extends Op>>> operators;

    /** The rules, or null if this is a family of families. */
    private final List<Rule> rules;

    private final Supplier<List<RuleFamily>> source;
    private List<RuleFamily> parts;

    private RuleFamily(List<Set<Class<? extends Op>>> operators, List<Rule> rules, Supplier<List<RuleFamily>> source) {
        this.operators = operators;
        this.rules = rules;
        this.source = source;
    }

    /** Rules that are there. */
    static RuleFamily of(List<Rule> rules) {
        return new RuleFamily(List.of(), List.copyOf(rules), null);
    }

    /** Families that are made late. One operator of a group is in whatever one of their rules matches. */
    static RuleFamily late(Set<Class<? extends Op>> group, Supplier<List<RuleFamily>> source) {
        return new RuleFamily(List.of(group), null, source);
    }

    /** The rules that a function gives for these; it gives null for a rule that is left out. */
    RuleFamily derived(UnaryOperator<Rule> function) {
        if (rules == null) {
            return new RuleFamily(operators, null, () -> {
                List<RuleFamily> all = new ArrayList<>();
                for (RuleFamily part : parts()) {
                    all.add(part.derived(function));
                }
                return all;
            });
        }
        List<Rule> all = new ArrayList<>();
        for (Rule rule : rules) {
            Rule other = function.apply(rule);
            if (other != null) {
                all.add(other);
            }
        }
        return of(all);
    }

    /** The same rules, where one operator of a further group is in whatever a rule matches. */
    RuleFamily and(Set<Class<? extends Op>> group) {
        List<Set<Class<? extends Op>>> all = new ArrayList<>(operators);
        all.add(group);
        return new RuleFamily(List.copyOf(all), null, () -> List.of(this));
    }

    private synchronized List<RuleFamily> parts() {
        if (parts == null) {
            List<RuleFamily> made = List.copyOf(source.get());
            for (RuleFamily part : made) {
                if (!operators().containsAll(part.operators())) {
                    throw new IllegalArgumentException("rules that are made late wait for " + names(part.operators())
                            + ", and the families around them for " + names(operators()));
                }
            }
            parts = made;
        }
        return parts;
    }

    /** All rules. */
    List<Rule> rules() {
        if (rules != null) {
            return rules;
        }
        List<Rule> all = new ArrayList<>();
        for (RuleFamily part : parts()) {
            all.addAll(part.rules());
        }
        return all;
    }

    /** Adds the rules that may match in graphs that have some operators. */
    void addTo(List<Rule> all, Set<Class<? extends Op>> met) {
        if (!isNeeded(met)) {
            return;
        }
        if (rules != null) {
            all.addAll(rules);
            return;
        }
        for (RuleFamily part : parts()) {
            part.addTo(all, met);
        }
    }

    /** The operators of all groups. */
    Set<Class<? extends Op>> operators() {
        Set<Class<? extends Op>> all = new HashSet<>();
        for (Set<Class<? extends Op>> group : operators) {
            all.addAll(group);
        }
        return all;
    }

    private boolean isNeeded(Set<Class<? extends Op>> met) {
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
        if (rules == null) {
            for (RuleFamily part : parts()) {
                part.check();
            }
        }
    }

    private static List<String> names(Set<Class<? extends Op>> group) {
        return group.stream().map(Class::getSimpleName).sorted().toList();
    }
}
