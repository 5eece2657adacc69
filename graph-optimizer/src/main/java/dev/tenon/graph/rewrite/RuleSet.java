package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Rules in the order in which they are tried, indexed by the operators that they start at. Immutable. */
public final class RuleSet {
    private final List<Rule> rules;
    private final Map<Class<? extends Op>, List<Rule>> byRoot = new HashMap<>();

    private RuleSet(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        Set<String> names = new HashSet<>();
        for (Rule rule : rules) {
            if (!names.add(rule.name())) {
                throw new IllegalArgumentException("two rules '" + rule.name() + "'");
            }
            List<Class<? extends Op>> roots = rule.pattern().roots();
            if (roots == null) {
                throw new IllegalArgumentException("rule '" + rule.name() + "' starts at no operator");
            }
            for (Class<? extends Op> root : Set.copyOf(roots)) {
                byRoot.computeIfAbsent(root, k -> new ArrayList<>()).add(rule);
            }
        }
    }

    /**
     * A set of some rules.
     *
     * @param rules the rules in the order in which they are tried
     * @return the set
     * @throws IllegalArgumentException if two have one name, or one does not start at an operator
     */
    public static RuleSet of(Rule... rules) {
        return new RuleSet(List.of(rules));
    }

    /**
     * These rules, then others.
     *
     * @param other the others
     * @return the union
     */
    public RuleSet plus(RuleSet other) {
        List<Rule> all = new ArrayList<>(rules);
        all.addAll(other.rules);
        return new RuleSet(all);
    }

    /**
     * The rules that fulfil a condition.
     *
     * @param condition the condition
     * @return the smaller set
     */
    public RuleSet where(Predicate<Rule> condition) {
        return new RuleSet(rules.stream().filter(condition).toList());
    }

    /**
     * All rules.
     *
     * @return an immutable list
     */
    public List<Rule> rules() {
        return rules;
    }

    /** The rules that may start at an operator. */
    List<Rule> startingAt(Op op) {
        return byRoot.getOrDefault(op.getClass(), List.of());
    }
}
