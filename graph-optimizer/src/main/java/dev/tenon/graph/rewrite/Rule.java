package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import java.util.List;

/**
 * Replaces what a pattern matches by an equal value. Immutable; made by {@link #of} and the calls that follow it.
 *
 * @param name the name, unique in its set, such as {@code add-zero}
 * @param pattern what it looks for
 * @param guard tells why a match is refused
 * @param replacement builds what stands for the outputs of the root
 * @param exact whether the result has the same bits whatever the operands, but for NaN
 * @param product the operator that it makes, null if its worth does not depend on how fast that is
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
         * @param match what matched
         * @return the reason in a few words, or null if there is none
         */
        String reasonAgainst(Match match);
    }

    /** Builds what stands for the outputs of the root. */
    @FunctionalInterface
    public interface Replacement {
        /**
         * Builds the replacement. It may only build and use values that are bound.
         *
         * @param match what matched
         * @param to where to build
         * @return a value for each output of the root that is used; null for others
         */
        List<Value> build(Match match, Emitter to);
    }

    /** Builds what stands for the one output of the root. */
    @FunctionalInterface
    public interface OneReplacement {
        /**
         * Builds the replacement. It may only build and use values that are bound.
         *
         * @param match what matched
         * @param to where to build
         * @return the value
         */
        Value build(Match match, Emitter to);
    }

    /**
     * A rule that keeps every bit and is never refused.
     *
     * @param name the name
     * @param pattern what it looks for
     * @param replacement builds what stands for the first output of the root, the only one
     * @return the rule
     */
    public static Rule of(String name, Pattern pattern, OneReplacement replacement) {
        return ofAll(name, pattern, (m, to) -> List.of(replacement.build(m, to)));
    }

    /**
     * A rule that keeps every bit and is never refused: the root is dropped.
     *
     * @param name the name
     * @param pattern what it looks for
     * @param bound the name of the value that stands for the first output of the root, the only one
     * @return the rule
     */
    public static Rule of(String name, Pattern pattern, String bound) {
        return ofAll(name, pattern, (m, to) -> List.of(m.value(bound)));
    }

    /**
     * A rule that keeps every bit and is never refused, for operators of several outputs.
     *
     * @param name the name
     * @param pattern what it looks for
     * @param replacement builds what stands for the outputs of the root
     * @return the rule
     */
    public static Rule ofAll(String name, Pattern pattern, Replacement replacement) {
        return new Rule(name, pattern, m -> null, replacement, true, null);
    }

    /**
     * Adds a guard behind those that there are.
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
     * Says that results may differ from those before in their last places.
     *
     * @return the rule
     */
    public Rule rounding() {
        return new Rule(name, pattern, guard, replacement, false, product);
    }

    /**
     * Says that the rule only pays if an operator is fast.
     *
     * @param type the operator that it makes
     * @return the rule
     */
    public Rule making(Class<? extends Op> type) {
        return new Rule(name, pattern, guard, replacement, exact, type);
    }

    @Override
    public String toString() {
        return name;
    }
}
