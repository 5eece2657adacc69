package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Rules in the order in which they are tried, indexed by the operators that their patterns start at. Immutable and safe
 * for any number of threads.
 *
 * <p>A set may hold families of rules that are made late: {@link #lazy} takes the operators without which no rule of
 * the family matches, and the family is made when a graph first has one of them. This changes when rules are made, and
 * never which of them fire.
 */
public final class RuleSet {
    private final List<RuleFamily> families;

    /** The operators that graphs have had so far. Guarded by this. */
    private final Set<Class<? extends Op>> met = new HashSet<>();

    /** The rules of the families that are made, by root operator. Written under the lock of this, read without. */
    private final Map<Class<? extends Op>, List<Rule>> index = new ConcurrentHashMap<>();

    private RuleSet(List<RuleFamily> families) {
        this.families = List.copyOf(families);
    }

    /**
     * A set of some rules.
     *
     * @param rules the rules in the order in which they are tried
     * @return the set
     * @throws IllegalArgumentException if two rules have the same name, or the pattern of one starts at no operator
     */
    public static RuleSet of(Rule... rules) {
        List<Rule> all = List.of(rules);
        checkNames(all);
        for (Rule rule : all) {
            if (rule.pattern().roots().isEmpty()) {
                throw new IllegalArgumentException("rule '" + rule.name() + "' starts at no operator");
            }
        }
        return new RuleSet(List.of(new RuleFamily(Set.of(), () -> all)));
    }

    /**
     * A set that is made when a graph first has one of some operators.
     *
     * @param rules gives the set; it is asked at most once
     * @param operators operators one of which is in whatever a rule of the set matches
     * @return the set
     */
    @SafeVarargs
    public static RuleSet lazy(Supplier<RuleSet> rules, Class<? extends Op>... operators) {
        Set<Class<? extends Op>> all = new HashSet<>();
        for (Class<? extends Op> operator : operators) {
            all.add(operator);
        }
        return new RuleSet(
                List.of(new RuleFamily(Set.copyOf(all), () -> rules.get().rules())));
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
        List<RuleFamily> all = new ArrayList<>(families);
        all.addAll(other.families);
        return new RuleSet(all);
    }

    /**
     * The rules that fulfil a condition.
     *
     * @param condition the condition; it is asked once for each rule, when the rule is made
     * @return the smaller set
     */
    public RuleSet where(Predicate<Rule> condition) {
        return new RuleSet(
                families.stream().map(family -> family.where(condition)).toList());
    }

    /**
     * All rules. Families that are not made yet are made for this.
     *
     * @return an immutable list
     * @throws IllegalArgumentException if two rules have the same name, or a rule of a lazy family may match without
     *     the family's operators
     */
    public List<Rule> rules() {
        List<Rule> all = new ArrayList<>();
        for (RuleFamily family : families) {
            family.check();
            all.addAll(family.rules());
        }
        checkNames(all);
        return List.copyOf(all);
    }

    /**
     * The rules that may start at an operator. Lazy families are looked at only once one of their operators has been
     * asked for, so callers ask for every operator of a graph before they ask for those that are computed from it.
     */
    List<Rule> startingAt(Op op) {
        List<Rule> its = index.get(op.getClass());
        return its != null ? its : meet(op.getClass());
    }

    private synchronized List<Rule> meet(Class<? extends Op> operator) {
        if (met.add(operator) && families.stream().anyMatch(family -> family.waitsFor(operator))) {
            index.clear();
        }
        return index.computeIfAbsent(operator, this::find);
    }

    private List<Rule> find(Class<? extends Op> operator) {
        List<Rule> found = new ArrayList<>();
        for (RuleFamily family : families) {
            if (family.isNeeded(met)) {
                for (Rule rule : family.rules()) {
                    if (rule.pattern().roots().contains(operator)) {
                        found.add(rule);
                    }
                }
            }
        }
        return List.copyOf(found);
    }
}
