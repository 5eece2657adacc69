package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import java.util.List;
import java.util.function.Predicate;

/**
 * Replaces the root of a match by equal values. Immutable. Made by {@link #of} and the calls that follow it:
 *
 * <pre>{@code
 * Rule.of("neg-neg", op(Neg.class, op(Neg.class, any("x"))), "x")
 * }</pre>
 *
 * @param name the name, unique in its set, such as {@code add-zero}
 * @param pattern describes what the rule looks for
 * @param guard tells why a match is refused
 * @param replacement builds the values in the place of the outputs of the root
 * @param exact whether the result has the same bits for all operands, apart from those of NaN
 * @param product the operator that the rule makes; null if the rule pays whether that operator has a fast kernel or not
 */
public record Rule(
        String name,
        Pattern pattern,
        Guard guard,
        Replacement replacement,
        boolean exact,
        Class<? extends Op> product) {
    /** Tells why a match is refused. */
    @FunctionalInterface
    public interface Guard {
        /**
         * The reason against a rewrite.
         *
         * @param match the match
         * @return the reason in a few words, or null if there is none
         */
        String reasonAgainst(Match match);
    }

    /** Builds the values in the place of the outputs of the root. */
    @FunctionalInterface
    public interface Replacement {
        /**
         * Builds the replacement from values that the match binds.
         *
         * @param match the match
         * @param to adds nodes and constants
         * @return a value for each output of the root that is used, null for other outputs
         */
        List<Value> build(Match match, Emitter to);
    }

    /** Builds the value in the place of the only output of the root. */
    @FunctionalInterface
    public interface OneReplacement {
        /**
         * Builds the replacement from values that the match binds.
         *
         * @param match the match
         * @param to adds nodes and constants
         * @return the value
         */
        Value build(Match match, Emitter to);
    }

    /**
     * A rule that keeps every bit and is never refused.
     *
     * @param name the name
     * @param pattern describes what the rule looks for
     * @param replacement builds the value in the place of the only output of the root
     * @return the rule
     */
    public static Rule of(String name, Pattern pattern, OneReplacement replacement) {
        return ofAll(name, pattern, (m, to) -> List.of(replacement.build(m, to)));
    }

    /**
     * A rule that keeps every bit and is never refused. It drops the root.
     *
     * @param name the name
     * @param pattern describes what the rule looks for
     * @param bound the name of the value that takes the place of the only output of the root
     * @return the rule
     */
    public static Rule of(String name, Pattern pattern, String bound) {
        return ofAll(name, pattern, (m, to) -> List.of(m.value(bound)));
    }

    /**
     * A rule that keeps every bit and is never refused, for operators of several outputs.
     *
     * @param name the name
     * @param pattern describes what the rule looks for
     * @param replacement builds the values in the place of the outputs of the root
     * @return the rule
     */
    public static Rule ofAll(String name, Pattern pattern, Replacement replacement) {
        return new Rule(name, pattern, m -> null, replacement, true, null);
    }

    /**
     * Adds a guard, which is asked after the guards before it.
     *
     * @param more the guard
     * @return the rule
     */
    public Rule unless(Guard more) {
        Guard both = m -> {
            String reason = guard.reasonAgainst(m);
            return reason != null ? reason : more.reasonAgainst(m);
        };
        return new Rule(name, pattern, both, replacement, exact, product);
    }

    /**
     * Tells that results may differ in their last places.
     *
     * @return the rule
     */
    public Rule rounding() {
        return new Rule(name, pattern, guard, replacement, false, product);
    }

    /**
     * Tells that the rule only pays if an operator has a fast kernel.
     *
     * @param type the operator that the rule makes
     * @return the rule
     */
    public Rule making(Class<? extends Op> type) {
        return new Rule(name, pattern, guard, replacement, exact, type);
    }

    /** This rule; if it makes an operator, it is refused unless that operator has fast kernels. */
    Rule paying(Predicate<Class<? extends Op>> fast) {
        return product == null
                ? this
                : unless(m -> fast.test(product) ? null : product.getSimpleName() + " has no fast kernel here");
    }

    @Override
    public String toString() {
        return name;
    }
}
