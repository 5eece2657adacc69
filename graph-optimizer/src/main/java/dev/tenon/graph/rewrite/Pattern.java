package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Describes what a rule looks for, from a value up to the values that it is computed from. Named parts are bound in the
 * {@link Match}. A name that occurs twice must be the same value both times. The two operands of a commutative operator
 * match in either order. Immutable and safe for any number of threads.
 */
public abstract sealed class Pattern permits LeafPattern, OpPattern, EitherPattern, AssociativePattern {
    Pattern() {}

    /**
     * Tries all ways in which a value matches, until the rest accepts one.
     *
     * @param v the value, null for an operand that is left out
     * @param m the match so far; it is not changed if the result is false
     * @param rest tells whether everything else matches
     * @return whether there is a way that the rest accepts
     */
    abstract boolean match(Value v, Match m, BooleanSupplier rest);

    /**
     * Whether a value can't match, as far as that does not depend on what else matches. It is asked before {@link #match}, which
     * costs more.
     *
     * @param v the value, null for an operand that is left out
     * @return true if {@link #match} would give false
     */
    abstract boolean rejects(Value v);

    /** The operators that may compute a value that matches; empty if any operator may, or none. */
    abstract Set<Class<? extends Op>> roots();

    /** Whether at least one of some operators is in whatever matches. */
    abstract boolean requires(Set<Class<? extends Op>> operators);

    /**
     * Any value.
     *
     * @return the pattern
     */
    public static Pattern any() {
        return new LeafPattern(null, v -> v != null);
    }

    /**
     * Any value, bound to a name.
     *
     * @param name the name
     * @return the pattern
     */
    public static Pattern any(String name) {
        return new LeafPattern(name, v -> v != null);
    }

    /**
     * An operand that is left out.
     *
     * @return the pattern
     */
    public static Pattern absent() {
        return new LeafPattern(null, v -> v == null);
    }

    /**
     * A constant, bound to a name.
     *
     * @param name the name
     * @return the pattern
     */
    public static Pattern constant(String name) {
        return new LeafPattern(name, v -> v != null && v.isConstant());
    }

    /**
     * A constant that fulfils a condition, bound to a name.
     *
     * @param name the name
     * @param condition the condition
     * @return the pattern
     */
    public static Pattern constant(String name, Predicate<Tensor> condition) {
        return new LeafPattern(name, v -> v != null && v.isConstant() && condition.test(v.constant()));
    }

    /**
     * A constant whose elements are all exactly a number, after rounding the number to the element type. If the rank of
     * the result is not known, the constant must be a scalar, because its dimensions might add to those of the result.
     *
     * @param number the number
     * @return the pattern
     */
    public static Pattern scalar(double number) {
        return LeafPattern.number(t -> Constants.isAll(t, number));
    }

    /**
     * A constant whose elements are all the same number, bound to a name.
     *
     * @param name the name
     * @return the pattern
     */
    public static Pattern scalar(String name) {
        return new LeafPattern(name, v -> v != null && v.isConstant() && Constants.isUniform(v.constant()));
    }

    /**
     * A constant whose elements are all close to a number, such as an exporter prints it. If the rank of the result is
     * not known, the constant must be a scalar, because its dimensions might add to those of the result.
     *
     * @param number the number
     * @return the pattern
     */
    public static Pattern near(double number) {
        return LeafPattern.number(
                t -> Constants.isUniform(t) && Constants.isNear(Constants.number(t), number, t.dtype()));
    }

    /**
     * The first output of an operator.
     *
     * @param type the operator's class
     * @param operands a pattern for each operand
     * @return the pattern
     */
    public static OpPattern op(Class<? extends Op> type, Pattern... operands) {
        return new OpPattern(Set.of(type), List.of(operands));
    }

    /**
     * The first output of one of several operators.
     *
     * @param types the operators' classes
     * @param operands a pattern for each operand
     * @return the pattern
     */
    public static OpPattern op(List<Class<? extends Op>> types, Pattern... operands) {
        return new OpPattern(Set.copyOf(types), List.of(operands));
    }

    /**
     * One of several patterns, tried in order.
     *
     * @param alternatives the patterns
     * @return the pattern
     */
    public static Pattern either(Pattern... alternatives) {
        return new EitherPattern(List.of(alternatives));
    }

    /**
     * A product of factors in any order and association: a tree of Mul, and of Div by constants, whose inner nodes are
     * not used elsewhere.
     *
     * @param coefficient the product of all constant factors, which are uniform; it needs to be close
     * @param factors a pattern for each factor that is not constant
     * @return the pattern
     */
    public static Pattern product(double coefficient, Pattern... factors) {
        return new AssociativePattern(true, coefficient, List.of(factors));
    }

    /**
     * A sum of terms in any order and association: a tree of Add, and of Sub of constants, whose inner nodes are not
     * used elsewhere.
     *
     * @param offset the sum of all constant terms, which are uniform; it needs to be close
     * @param terms a pattern for each term that is not constant
     * @return the pattern
     */
    public static Pattern sum(double offset, Pattern... terms) {
        return new AssociativePattern(false, offset, List.of(terms));
    }
}
