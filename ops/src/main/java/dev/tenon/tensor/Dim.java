package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A dimension, or an integer computed from dimensions: a polynomial with integer coefficients over atoms, in canonical
 * form. An atom is a named symbol ({@code batch}) or an operation that is no polynomial: {@code floor(p/q)},
 * {@code max}, {@code min}, {@code broadcast}. Equal polynomials are {@link #equals equal} and have equal texts. Of the
 * other operations many equalities are found, but not all.
 *
 * <p><b>Symbols stand for sizes</b>: a symbol is at least 0, and a divisor is not 0. Simplifications rely on both:
 * {@code max(batch, 0)} is {@code batch}, {@code (2*a*b)/(2*b)} is {@code a}. A {@code Dim} itself may be negative, as
 * an intermediate result.
 *
 * <p>Instances are immutable and compare by value. The size of an expression is limited to about a thousand parts:
 * operations throw {@link ResourceLimitException} if their result would be larger, and {@link InvalidTensorException}
 * if a coefficient overflows 64 bits.
 */
public final class Dim {
    private static final int MAX_SIZE = 1024;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NAME = 4096;
    private static final Term[] NO_TERMS = {};
    private static final Dim[] SMALL = new Dim[1026];

    static {
        for (int i = 0; i < SMALL.length; i++) {
            SMALL[i] = new Dim(i - 1L, NO_TERMS);
        }
    }

    /** A monomial that is not 1, with a coefficient that is not 0. */
    record Term(Monomial monomial, long coefficient) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Term t && coefficient == t.coefficient && monomial.equals(t.monomial);
        }

        @Override
        public int hashCode() {
            return 31 * monomial.hashCode() + Long.hashCode(coefficient);
        }
    }

    private final long constant;
    private final Term[] terms;
    private final int size;
    private final int depth;
    private final int hash;
    private String text;

    /** Takes terms in descending order. */
    private Dim(long constant, Term[] terms) {
        this.constant = constant;
        this.terms = terms;
        long total = 1;
        int deepest = 0;
        for (Term term : terms) {
            total += 1 + term.monomial().size();
            deepest = Math.max(deepest, term.monomial().depth());
        }
        if (total > MAX_SIZE || deepest > MAX_DEPTH) {
            throw new ResourceLimitException(
                    "dimension expression",
                    "has " + total + " parts, nested " + deepest + " deep",
                    "at most " + MAX_SIZE + " parts, nested " + MAX_DEPTH + " deep",
                    "give the dimension a symbol of its own, or load the model with known input shapes");
        }
        this.size = (int) total;
        this.depth = deepest;
        this.hash = 31 * Long.hashCode(constant) + Arrays.hashCode(terms);
    }

    /**
     * A known dimension.
     *
     * @param n the value; negative ones are allowed as intermediate results
     * @return the dimension
     */
    public static Dim of(long n) {
        return n >= -1 && n < SMALL.length - 1 ? SMALL[(int) n + 1] : new Dim(n, NO_TERMS);
    }

    /**
     * A named dimension, at least 0.
     *
     * @param name any text but the empty one; one that is no identifier is quoted in texts
     * @return the dimension
     * @throws InvalidTensorException if the name is empty
     * @throws ResourceLimitException if the name has more than 4096 characters
     */
    public static Dim symbol(String name) {
        if (name.isEmpty()) {
            throw new InvalidTensorException(
                    "dimension", "a symbol with an empty name", "any other name", "name it, say '?0'");
        }
        if (name.length() > MAX_NAME) {
            throw new ResourceLimitException(
                    "dimension '" + TextReader.excerpt(name) + "'",
                    "its name has " + name.length() + " characters",
                    "at most " + MAX_NAME,
                    null);
        }
        return ofAtom(Atom.symbol(name));
    }

    static Dim ofAtom(Atom atom) {
        return new Dim(0, new Term[] {new Term(Monomial.of(atom), 1)});
    }

    /** The sum of a map's terms; the key {@link Monomial#ONE} is the constant. Zero coefficients are dropped. */
    static Dim ofTerms(Map<Monomial, Long> coefficients) {
        long constant = 0;
        List<Term> terms = new ArrayList<>(coefficients.size());
        for (Map.Entry<Monomial, Long> entry : coefficients.entrySet()) {
            if (entry.getKey().isOne()) {
                constant = entry.getValue();
            } else if (entry.getValue() != 0) {
                terms.add(new Term(entry.getKey(), entry.getValue()));
            }
        }
        if (terms.isEmpty()) {
            return of(constant);
        }
        terms.sort((a, b) -> b.monomial().compareTo(a.monomial()));
        return new Dim(constant, terms.toArray(NO_TERMS));
    }

    /** The inverse of {@link #ofTerms}: a new map, the greatest monomial first. */
    NavigableMap<Monomial, Long> toTerms() {
        TreeMap<Monomial, Long> map = new TreeMap<>(Comparator.reverseOrder());
        for (Term term : terms) {
            map.put(term.monomial(), term.coefficient());
        }
        if (constant != 0) {
            map.put(Monomial.ONE, constant);
        }
        return map;
    }

    /** {@return whether this is a number} */
    public boolean isKnown() {
        return terms.length == 0;
    }

    /**
     * The number, if this is known.
     *
     * @return the value
     * @throws InvalidTensorException if this is symbolic
     */
    public long value() {
        if (!isKnown()) {
            throw new InvalidTensorException(
                    "dimension '" + TextReader.excerpt(toString()) + "'",
                    "is symbolic where a number is needed",
                    null,
                    "bind " + TextReader.excerpt(String.join(", ", symbols())));
        }
        return constant;
    }

    /**
     * The number, or another if this is symbolic.
     *
     * @param other the result if this is symbolic
     * @return the value, or {@code other}
     */
    public long orElse(long other) {
        return isKnown() ? constant : other;
    }

    /**
     * The sum.
     *
     * @param other the other summand
     * @return this + other
     * @throws InvalidTensorException if a coefficient overflows
     */
    public Dim plus(Dim other) {
        return DimArithmetic.sum(this, other);
    }

    /**
     * The difference.
     *
     * @param other the subtrahend
     * @return this - other
     * @throws InvalidTensorException if a coefficient overflows
     */
    public Dim minus(Dim other) {
        return DimArithmetic.difference(this, other);
    }

    /**
     * The product.
     *
     * @param other the other factor
     * @return this * other
     * @throws InvalidTensorException if a coefficient overflows
     */
    public Dim times(Dim other) {
        return DimArithmetic.product(this, other);
    }

    private Dim negated() {
        return of(0).minus(this);
    }

    /**
     * The quotient rounded towards minus infinity.
     *
     * @param divisor the divisor; a symbolic one is assumed not to be 0
     * @return a number; a polynomial where that is exact; otherwise one with an atom {@code floor(p/q)} of smallest
     *     form
     * @throws InvalidTensorException if the divisor is the number 0
     */
    public Dim floorDiv(Dim divisor) {
        if (divisor.isKnown() && divisor.constant == 0) {
            throw divisionByZero("floor(" + DimText.factor(this, true) + "/0)");
        }
        try {
            return DimDivision.floorDiv(this, divisor);
        } catch (ArithmeticException e) {
            throw DimArithmetic.overflow(this, "/", divisor, e);
        }
    }

    /**
     * The quotient rounded towards plus infinity.
     *
     * @param divisor the divisor; a symbolic one is assumed not to be 0
     * @return like {@link #floorDiv}
     * @throws InvalidTensorException if the divisor is the number 0
     */
    public Dim ceilDiv(Dim divisor) {
        if (divisor.isKnown() && divisor.constant > 0 && !isKnown()) {
            return plus(of(divisor.constant - 1)).floorDiv(divisor);
        }
        return negated().floorDiv(divisor).negated();
    }

    /**
     * The remainder of {@link #floorDiv}: it has the divisor's sign.
     *
     * @param divisor the divisor; a symbolic one is assumed not to be 0
     * @return this - divisor * floor(this / divisor)
     * @throws InvalidTensorException if the divisor is the number 0
     */
    public Dim mod(Dim divisor) {
        return minus(divisor.times(floorDiv(divisor)));
    }

    /**
     * The greater of two.
     *
     * @param other the other
     * @return one of the two if it is provably at least the other, otherwise an atom {@code max(a,b)}
     */
    public Dim max(Dim other) {
        return DimJoin.extremum(Atom.Kind.MAX, this, other);
    }

    /**
     * The lesser of two.
     *
     * @param other the other
     * @return one of the two if it is provably at most the other, otherwise an atom {@code min(a,b)}
     */
    public Dim min(Dim other) {
        return DimJoin.extremum(Atom.Kind.MIN, this, other);
    }

    /**
     * The dimension that two dimensions broadcast to. Equal ones broadcast to themselves, and 1 and another to the
     * other.
     *
     * @param other the other dimension
     * @return one of the two where that is decided. A number other than 1 takes the place of a symbol. Otherwise an
     *     atom {@code broadcast(a,b)}, which is checked when it is evaluated
     * @throws InvalidTensorException if the two can't be broadcast for any value of the symbols
     */
    public Dim broadcast(Dim other) {
        return DimJoin.broadcast(this, other);
    }

    /** This as one atom, or null if it is not one. */
    Atom single() {
        return constant == 0 && terms.length == 1 && terms[0].coefficient() == 1
                ? terms[0].monomial().single()
                : null;
    }

    /**
     * The quotient, if it is provably exact: a polynomial with integer coefficients whose product with the divisor is
     * this.
     *
     * @param divisor the divisor
     * @return the quotient; empty if there is none, or the divisor is the number 0
     */
    public Optional<Dim> dividedExactlyBy(Dim divisor) {
        if (divisor.isKnown() && divisor.constant == 0) {
            return Optional.empty();
        }
        DimDivision.Result result = DimDivision.divide(this, divisor);
        return result != null && result.remainder().equals(of(0)) ? Optional.of(result.quotient()) : Optional.empty();
    }

    /**
     * This with symbols replaced.
     *
     * @param bindings the replacement of each symbol; null keeps it
     * @return the result in canonical form; this itself if nothing changed
     * @throws InvalidTensorException if a coefficient overflows, a divisor becomes 0 or a broadcast fails
     */
    public Dim substitute(Function<String, Dim> bindings) {
        if (isKnown()) {
            return this;
        }
        boolean changed = false;
        Dim sum = of(constant);
        for (Term term : terms) {
            Dim product = of(term.coefficient());
            Monomial monomial = term.monomial();
            for (int i = 0; i < monomial.atomCount(); i++) {
                Dim replaced = monomial.atom(i).substitute(bindings);
                changed |= replaced != null;
                Dim factor = replaced == null ? ofAtom(monomial.atom(i)) : replaced;
                for (int p = 0; p < monomial.power(i); p++) {
                    product = product.times(factor);
                }
            }
            sum = sum.plus(product);
        }
        return changed ? sum : this;
    }

    /**
     * This with symbols replaced.
     *
     * @param bindings the replacement of symbols; others stay
     * @return the result in canonical form
     * @throws InvalidTensorException if a coefficient overflows, a divisor becomes 0 or a broadcast fails
     */
    public Dim substitute(Map<String, Dim> bindings) {
        return substitute((Function<String, Dim>) bindings::get);
    }

    /**
     * The value for given sizes.
     *
     * @param sizes the value of each symbol; null if it has no value
     * @return the value; empty if a symbol that it depends on has no value
     * @throws InvalidTensorException if a result overflows, a divisor is 0 or dimensions do not broadcast
     */
    public OptionalLong evaluate(Function<String, Long> sizes) {
        return DimEvaluation.of(this, sizes);
    }

    /**
     * The value for given sizes.
     *
     * @param sizes the values of symbols
     * @return the value; empty if a symbol that it depends on has no value
     * @throws InvalidTensorException if a result overflows, a divisor is 0 or dimensions do not broadcast
     */
    public OptionalLong evaluate(Map<String, Long> sizes) {
        return evaluate((Function<String, Long>) sizes::get);
    }

    /** {@return the names of all symbols in this, sorted, in a new set} */
    public Set<String> symbols() {
        Set<String> out = new TreeSet<>();
        collectSymbols(out);
        return out;
    }

    void collectSymbols(Set<String> out) {
        for (Term term : terms) {
            for (int i = 0; i < term.monomial().atomCount(); i++) {
                term.monomial().atom(i).collectSymbols(out);
            }
        }
    }

    /**
     * Reads an expression as {@link #toString()} writes it, or any other of integers, names, names in double quotes,
     * {@code + - * ^}, parentheses, {@code floor(p/q)}, {@code max(a,b)}, {@code min(a,b)} and {@code broadcast(a,b)}.
     *
     * @param text the expression
     * @return the dimension, in canonical form
     * @throws InvalidTensorException if the text is no such expression
     */
    public static Dim parse(String text) {
        TextReader in = new TextReader("dimension", text);
        Dim dim = DimParser.expression(in);
        in.expectEnd();
        return dim;
    }

    int size() {
        return size;
    }

    int depth() {
        return depth;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Dim that
                        && hash == that.hash
                        && constant == that.constant
                        && Arrays.equals(terms, that.terms));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@return the canonical text, which {@link #parse} reads: {@code 12}, {@code batch}, {@code floor((h-3)/2)+1}} */
    @Override
    public String toString() {
        String result = text;
        if (result == null) {
            result = DimText.of(this);
            text = result;
        }
        return result;
    }

    Term[] terms() {
        return terms;
    }

    long constant() {
        return constant;
    }

    static InvalidTensorException divisionByZero(String expression) {
        return new InvalidTensorException(
                "dimension '" + TextReader.excerpt(expression) + "'", "divides by 0", "any other divisor", null);
    }
}
