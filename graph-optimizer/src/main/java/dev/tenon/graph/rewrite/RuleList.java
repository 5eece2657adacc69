package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Takes the rules of a {@link RuleSet}. It asks for those that start at one operator or for all, and a line names
 * operators before it makes its rule, so that a program makes patterns and links guards of those rules alone that its
 * graphs may need:
 *
 * <pre>{@code
 * if (rules.asks("Mul", "Div") && rules.met("Erf")) rules.add(Rule.of("gelu-erf", ...));
 * }</pre>
 */
public final class RuleList {
    private static final String EVERY = "*";

    private final String name;
    private final Set<String> met;
    private final List<Rule> found = new ArrayList<>();
    private final Set<String> missing = new HashSet<>();
    /** What the line that is read has said so far, if all rules are asked for. */
    private List<Set<String>> said = new ArrayList<>();

    private Predicate<Rule> condition;

    /** Asks for all rules. */
    RuleList() {
        this(EVERY, Set.of());
    }

    /**
     * Asks for the rules that start at an operator.
     *
     * @param name the name of the operator's class
     * @param met the names of the operators that graphs had so far
     */
    RuleList(String name, Set<String> met) {
        this.name = name;
        this.met = met;
    }

    /** Leaves out rules from here on that do not fulfil a condition, which may be null. */
    void leaveOutUnless(Predicate<Rule> fulfilled) {
        condition = fulfilled;
    }

    private boolean asksForAll() {
        return name.equals(EVERY);
    }

    /**
     * Whether rules that start at one of some operators are asked for.
     *
     * @param operators the names of all operators that the rule may start at
     * @return true if the rule is to be added, unless it needs other operators that no graph had
     */
    public boolean asks(String... operators) {
        if (asksForAll()) {
            said = new ArrayList<>();
            said.add(Set.of(operators));
            return true;
        }
        for (String operator : operators) {
            if (operator.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a graph had one of some operators so far. A rule starts at the last of the operators that it matches, so it
     * is early enough to make it when the others have been met.
     *
     * @param operators names of operators one of which is in whatever the rule matches
     * @return true if the rule may match
     */
    public boolean met(String... operators) {
        if (asksForAll()) {
            said.add(Set.of(operators));
            return true;
        }
        for (String operator : operators) {
            if (met.contains(operator)) {
                return true;
            }
        }
        missing.addAll(List.of(operators));
        return false;
    }

    /**
     * Adds a rule.
     *
     * @param rule the rule
     * @throws IllegalArgumentException if all rules are asked for and the line has named other operators than the rule's
     */
    public void add(Rule rule) {
        if (asksForAll()) {
            check(rule);
        }
        keep(rule);
    }

    /** Adds a rule that is made already if it is asked for. */
    void addMade(Rule rule) {
        if (asksForAll() || roots(rule).contains(name)) {
            keep(rule);
        }
    }

    private void keep(Rule rule) {
        if (condition == null || condition.test(rule)) {
            found.add(rule);
        }
    }

    private static Set<String> roots(Rule rule) {
        Set<String> roots = new HashSet<>();
        for (Class<? extends Op> root : rule.pattern().roots()) {
            roots.add(root.getSimpleName());
        }
        return roots;
    }

    private void check(Rule rule) {
        Set<String> roots = roots(rule);
        if (said.isEmpty() || !said.getFirst().equals(roots)) {
            throw new IllegalArgumentException(
                    "rule '" + rule.name() + "' starts at " + roots + ", but asks for " + said);
        }
        for (Set<String> operators : said.subList(1, said.size())) {
            if (!rule.pattern().needs(operators)) {
                throw new IllegalArgumentException("rule '" + rule.name() + "' may match without any of " + operators);
            }
        }
        said = new ArrayList<>();
    }

    /** What was added, in order. */
    List<Rule> found() {
        return found;
    }

    /** Operators that would have let more rules be added, had they been met. */
    Set<String> missing() {
        return missing;
    }
}
