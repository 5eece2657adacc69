package dev.tenon.graph.rewrite;

import dev.tenon.op.Op;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
 * the family matches, and the family is made when a graph first has one of them. If a rule needs several operators, a
 * line for each is better: {@code lazy(…, Concat.class).and(Neg.class, Sub.class)} needs a Concat, and a Neg or a Sub.
 * This changes when rules are made, and never which of them fire.
 */
public final class RuleSet {
    private final List<RuleFamily> families;

    /** The operators of the lazy families. Operators of a user are not among them, so a set keeps no class of a user. */
    private final Set<Class<? extends Op>> gates = new HashSet<>();

    /** The operators of lazy families that graphs have had so far. */
    private final Set<Class<? extends Op>> met = ConcurrentHashMap.newKeySet();

    /** The rules of the families that are made, by root operator; null until a graph is rewritten. */
    private volatile Map<Class<? extends Op>, List<Rule>> index;

    private RuleSet(List<RuleFamily> families) {
        this.families = List.copyOf(families);
        for (RuleFamily family : this.families) {
            gates.addAll(family.operators());
        }
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
        return new RuleSet(List.of(RuleFamily.of(all)));
    }

    /**
     * A set that is made when a graph first has one of some operators. The set may hold families that are made later still;
     * their operators must be among those given here.
     *
     * @param rules gives the set; it is asked at most once
     * @param operators operators one of which is in whatever a rule of the set matches
     * @return the set
     * @throws IllegalArgumentException if there are no operators: the rules would never be made
     */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public static RuleSet lazy(Supplier<RuleSet> rules, Class<? extends Op>... operators) {
        return new RuleSet(List.of(RuleFamily.late(group(operators), () -> rules.get().families)));
    }

    /**
     * The same rules, made when a graph also has one of some other operators.
     *
     * @param operators operators one of which is in whatever a rule of the set matches
     * @return the set
     * @throws IllegalArgumentException if there are no operators: the rules would never be made
     */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final RuleSet and(Class<? extends Op>... operators) {
        Set<Class<? extends Op>> group = group(operators);
        List<RuleFamily> all = new ArrayList<>();
        for (RuleFamily family : families) {
            all.add(family.and(group));
        }
        return new RuleSet(all);
    }

    private static Set<Class<? extends Op>> group(Class<? extends Op>[] operators) {
        if (operators.length == 0) {
            throw new IllegalArgumentException("rules that are made late need at least one operator");
        }
        return Set.of(operators);
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
        List<RuleFamily> all = new ArrayList<>();
        for (RuleFamily family : families) {
            all.add(family.derived(rule -> condition.test(rule) ? rule : null));
        }
        return new RuleSet(all);
    }

    /**
     * The same rules; a rule that pays with fast kernels only ({@link Rule#making}) is refused on machines without them.
     *
     * @param fast tells whether an operator has fast kernels. It is asked when everything else speaks for a rewrite, so
     *     that nobody looks for the kernels of operators that no rule makes
     * @return the set
     */
    public RuleSet paying(Predicate<Class<? extends Op>> fast) {
        List<RuleFamily> all = new ArrayList<>();
        for (RuleFamily family : families) {
            all.add(family.derived(rule -> rule.paying(fast)));
        }
        return new RuleSet(all);
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
     * Makes the families that graphs with some operators need, now rather than when a graph is rewritten.
     *
     * @param operators the operators' classes
     */
    public void prepare(Collection<Class<? extends Op>> operators) {
        for (Class<? extends Op> operator : operators) {
            if (index == null || isNew(operator)) {
                meet(operators);
                return;
            }
        }
    }

    /**
     * The rules that may start at an operator. Lazy families are looked at only once one of their operators has been
     * asked for, so callers ask for every operator of a graph before they ask for those that are computed from it.
     */
    List<Rule> startingAt(Op op) {
        Class<? extends Op> operator = op.getClass();
        if (index == null || isNew(operator)) {
            meet(List.of(operator));
        }
        return index.getOrDefault(operator, List.of());
    }

    private boolean isNew(Class<? extends Op> operator) {
        return gates.contains(operator) && !met.contains(operator);
    }

    private synchronized void meet(Collection<Class<? extends Op>> operators) {
        Set<Class<? extends Op>> now = new HashSet<>(met);
        for (Class<? extends Op> operator : operators) {
            if (gates.contains(operator)) {
                now.add(operator);
            }
        }
        if (index == null || now.size() > met.size()) {
            index = indexed(now);
            met.addAll(now);
        }
    }

    private Map<Class<? extends Op>, List<Rule>> indexed(Set<Class<? extends Op>> operators) {
        List<Rule> needed = new ArrayList<>();
        Map<Class<? extends Op>, List<Rule>> rules = new HashMap<>();
        for (RuleFamily family : families) {
            family.addTo(needed, operators);
        }
        for (Rule rule : needed) {
            for (Class<? extends Op> root : rule.pattern().roots()) {
                rules.computeIfAbsent(root, none -> new ArrayList<>()).add(rule);
            }
        }
        return rules;
    }
}
