package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Rules that are made together, when they are first asked for. Safe for any number of threads. */
final class RuleFamily {
    /** Operators one of which is in whatever a rule of this family matches; empty if nothing is known of that. */
    private final Set<Class<? extends Op>> operators;

    private final Supplier<List<Rule>> source;
    private List<Rule> rules;

    RuleFamily(Set<Class<? extends Op>> operators, Supplier<List<Rule>> source) {
        this.operators = operators;
        this.source = source;
    }

    RuleFamily where(Predicate<Rule> condition) {
        return new RuleFamily(
                operators, () -> rules().stream().filter(condition).toList());
    }

    synchronized List<Rule> rules() {
        if (rules == null) {
            rules = source.get();
        }
        return rules;
    }

    /** The operators one of which is in whatever a rule of this family matches; empty if nothing is known of that. */
    Set<Class<? extends Op>> operators() {
        return operators;
    }

    /** Whether a rule may match in graphs that have some operators. */
    boolean isNeeded(Set<Class<? extends Op>> met) {
        return operators.isEmpty() || !Collections.disjoint(operators, met);
    }

    /** Fails if a rule may match without the operators of this family. */
    void check() {
        for (Rule rule : rules()) {
            if (!operators.isEmpty() && !rule.pattern().requires(operators)) {
                throw new IllegalArgumentException("rule '" + rule.name() + "' may match without any of " + names());
            }
        }
    }

    private List<String> names() {
        return operators.stream().map(Class::getSimpleName).sorted().toList();
    }
}
