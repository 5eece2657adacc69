package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Rules in the order in which they are tried, indexed by the operators that they start at. Those of a {@link RuleTable}
 * are made when a graph is rewritten that has the operators. Immutable, safe for any number of threads.
 */
public final class RuleSet {
    private final List<Part> parts;
    /** The names of the operators of all graphs so far, those that rules made too. */
    private final Set<String> met = ConcurrentHashMap.newKeySet();

    private final Map<String, Found> found = new ConcurrentHashMap<>();

    /**
     * Some rules of a table.
     *
     * @param table the table
     * @param condition which of its rules, null for all
     */
    private record Part(RuleTable table, Predicate<Rule> condition) {
        private Part where(Predicate<Rule> more) {
            return new Part(table, condition == null ? more : condition.and(more));
        }
    }

    /**
     * The rules that start at an operator.
     *
     * @param rules the rules
     * @param missing operators that other rules need
     * @param met how many operators had been met when these were looked for
     */
    private record Found(List<Rule> rules, Set<String> missing, int met) {}

    private RuleSet(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * A set of some rules.
     *
     * @param rules the rules in the order in which they are tried
     * @return the set
     * @throws IllegalArgumentException if two have one name, or one does not start at an operator
     */
    public static RuleSet of(Rule... rules) {
        List<Rule> all = List.of(rules);
        for (Rule rule : all) {
            if (rule.pattern().roots() == null) {
                throw new IllegalArgumentException("rule '" + rule.name() + "' starts at no operator");
            }
        }
        checkNames(all);
        return of(list -> all.forEach(list::addMade));
    }

    /**
     * A set of the rules of a table, which cost nothing until a graph has operators that they match.
     *
     * @param table the table
     * @return the set
     */
    public static RuleSet of(RuleTable table) {
        return new RuleSet(List.of(new Part(table, null)));
    }

    private static void checkNames(List<Rule> rules) {
        Set<String> names = new HashSet<>();
        for (Rule rule : rules) {
            if (!names.add(rule.name())) {
                throw new IllegalArgumentException("two rules '" + rule.name() + "'");
            }
        }
    }

    /**
     * These rules, then others.
     *
     * @param other the others
     * @return the union
     */
    public RuleSet plus(RuleSet other) {
        List<Part> all = new ArrayList<>(parts);
        all.addAll(other.parts);
        return new RuleSet(all);
    }

    /**
     * The rules that fulfil a condition.
     *
     * @param condition the condition
     * @return the smaller set
     */
    public RuleSet where(Predicate<Rule> condition) {
        List<Part> all = new ArrayList<>();
        for (Part part : parts) {
            all.add(part.where(condition));
        }
        return new RuleSet(all);
    }

    /**
     * All rules, which are made for that.
     *
     * @return an immutable list
     * @throws IllegalArgumentException if two have one name, or the line of one names other operators than its pattern
     */
    public List<Rule> rules() {
        List<Rule> all = List.copyOf(read(new RuleList()).found());
        checkNames(all);
        return all;
    }

    private RuleList read(RuleList list) {
        for (Part part : parts) {
            list.leaveOutUnless(part.condition);
            part.table.list(list);
        }
        return list;
    }

    /** The rules that may start at an operator, as far as graphs had the other operators that they need. */
    List<Rule> startingAt(Op op) {
        String name = op.getClass().getSimpleName();
        Found its = found.get(name);
        if (its == null) {
            met.add(name);
        }
        int count = met.size();
        if (its == null || its.met != count) {
            its = its != null && Collections.disjoint(its.missing, met)
                    ? new Found(its.rules, its.missing, count)
                    : find(name, count);
            found.put(name, its);
        }
        return its.rules;
    }

    private Found find(String name, int count) {
        RuleList list = read(new RuleList(name, met));
        return new Found(List.copyOf(list.found()), Set.copyOf(list.missing()), count);
    }
}
