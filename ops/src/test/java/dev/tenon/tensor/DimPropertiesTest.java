package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

/** The algebra of dimensions against plain arithmetic at random sizes. */
class DimPropertiesTest {
    private static final List<String> SYMBOLS = List.of("a", "b", "c d");

    /** A dimension and the same arithmetic on numbers. */
    record Expression(Dim dim, Arithmetic arithmetic) {}

    /** Plain arithmetic on sizes. */
    interface Arithmetic {
        long at(Map<String, Long> sizes);
    }

    @Provide
    Arbitrary<Map<String, Long>> sizes() {
        Arbitrary<Long> size = Arbitraries.longs().between(1, 12);
        return Combinators.combine(size, size, size).as((x, y, z) -> Map.of("a", x, "b", y, "c d", z));
    }

    private static Arbitrary<Expression> leaves() {
        Arbitrary<Expression> symbols = Arbitraries.of(SYMBOLS).map(DimPropertiesTest::symbol);
        Arbitrary<Expression> numbers = Arbitraries.longs().between(-6, 6).map(DimPropertiesTest::number);
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(3, symbols), net.jqwik.api.Tuple.of(2, numbers));
    }

    private static Expression symbol(String name) {
        return new Expression(Dim.symbol(name), sizes -> sizes.get(name));
    }

    private static Expression number(long n) {
        return new Expression(Dim.of(n), sizes -> n);
    }

    /** Divisors that are not 0 for any sizes of at least 1. */
    private static Arbitrary<Expression> divisors() {
        Arbitrary<Expression> numbers =
                Arbitraries.of(-5L, -2L, -1L, 1L, 2L, 3L, 4L, 6L).map(DimPropertiesTest::number);
        Arbitrary<Expression> products = Combinators.combine(
                        numbers, Arbitraries.of(SYMBOLS).map(DimPropertiesTest::symbol))
                .as((n, s) -> combine('*', n, s));
        Arbitrary<Expression> sums =
                Arbitraries.of(SYMBOLS).map(DimPropertiesTest::symbol).map(s -> combine('+', s, number(2)));
        return Arbitraries.oneOf(numbers, products, sums);
    }

    private static Expression combine(char operator, Expression x, Expression y) {
        Dim p = x.dim();
        Dim q = y.dim();
        Arithmetic l = x.arithmetic();
        Arithmetic r = y.arithmetic();
        return switch (operator) {
            case '+' -> new Expression(p.plus(q), s -> l.at(s) + r.at(s));
            case '-' -> new Expression(p.minus(q), s -> l.at(s) - r.at(s));
            case '*' -> new Expression(p.times(q), s -> l.at(s) * r.at(s));
            case '/' -> new Expression(p.floorDiv(q), s -> Math.floorDiv(l.at(s), r.at(s)));
            case 'c' -> new Expression(p.ceilDiv(q), s -> Math.ceilDiv(l.at(s), r.at(s)));
            case '%' -> new Expression(p.mod(q), s -> Math.floorMod(l.at(s), r.at(s)));
            case '>' -> new Expression(p.max(q), s -> Math.max(l.at(s), r.at(s)));
            case '<' -> new Expression(p.min(q), s -> Math.min(l.at(s), r.at(s)));
            default -> throw new IllegalArgumentException(String.valueOf(operator));
        };
    }

    private static Arbitrary<Expression> expressions(String operators, int depth) {
        if (depth == 0) {
            return leaves();
        }
        Arbitrary<Expression> inner = expressions(operators, depth - 1);
        Arbitrary<Expression> combined = Arbitraries.of(
                        operators.chars().mapToObj(c -> (char) c).toList())
                .flatMap(operator -> Combinators.combine(inner, "/c%".indexOf(operator) < 0 ? inner : divisors())
                        .as((x, y) -> combine(operator, x, y)));
        return Arbitraries.oneOf(leaves(), combined, combined, combined);
    }

    @Provide
    Arbitrary<Expression> all() {
        return expressions("+-*/c%><", 3);
    }

    /** Polynomials of degree 4 at most. Substitution in them stays within the limit of expressions. */
    @Provide
    Arbitrary<Expression> smallPolynomials() {
        return expressions("+-*", 2);
    }

    @Provide
    Arbitrary<Expression> small() {
        return expressions("+-*/c%><", 1);
    }

    @Provide
    Arbitrary<Expression> polynomials() {
        return expressions("+-*", 3);
    }

    @Property(tries = 3000)
    void valuesAreThoseOfArithmetic(@ForAll("all") Expression e, @ForAll("sizes") Map<String, Long> sizes) {
        assertThat(e.dim().evaluate(sizes))
                .as("%s at %s", e.dim(), sizes)
                .hasValue(e.arithmetic().at(sizes));
    }

    @Property(tries = 2000)
    void substitutionOfNumbersIsEvaluation(@ForAll("all") Expression e, @ForAll("sizes") Map<String, Long> sizes) {
        Dim result = e.dim().substitute((String name) -> Dim.of(sizes.get(name)));
        assertThat(result)
                .as("%s at %s", e.dim(), sizes)
                .isEqualTo(Dim.of(e.arithmetic().at(sizes)));
    }

    @Property(tries = 2000)
    void substitutionOfExpressionsComposes(
            @ForAll("smallPolynomials") Expression outer,
            @ForAll("small") Expression inner,
            @ForAll("sizes") Map<String, Long> sizes) {
        Dim result = outer.dim().substitute(Map.of("a", inner.dim()));
        long a = inner.arithmetic().at(sizes);
        Map<String, Long> bound = Map.of("a", a, "b", sizes.get("b"), "c d", sizes.get("c d"));
        assertThat(result.evaluate(sizes)).hasValue(outer.arithmetic().at(bound));
    }

    @Property(tries = 2000)
    void textParsesToTheSame(@ForAll("all") Expression e) {
        Dim parsed = Dim.parse(e.dim().toString());
        assertThat(parsed)
                .isEqualTo(e.dim())
                .hasSameHashCodeAs(e.dim())
                .hasToString(e.dim().toString());
    }

    @Property
    void anyNameParsesToTheSame(@ForAll @StringLength(min = 1, max = 20) String name) {
        Dim dim = Dim.symbol(name).times(Dim.of(2)).floorDiv(Dim.symbol(name + "'"));
        assertThat(Dim.parse(dim.toString())).isEqualTo(dim);
        assertThat(dim.symbols()).containsExactlyInAnyOrder(name, name + "'");
    }

    @Property(tries = 2000)
    void equalPolynomialsAreEqual(
            @ForAll("polynomials") Expression x,
            @ForAll("polynomials") Expression y,
            @ForAll("polynomials") Expression z) {
        Dim p = x.dim();
        Dim q = y.dim();
        Dim r = z.dim();
        assertThat(p.plus(q).times(r)).isEqualTo(r.times(q).plus(r.times(p)));
        assertThat(p.plus(q).minus(q)).isEqualTo(p).hasToString(p.toString());
        assertThat(p.minus(q).plus(r)).hasToString(r.minus(q.minus(p)).toString());
        assertThat(p.minus(p)).isEqualTo(Dim.of(0));
    }

    @Property
    void theOrderOfTermsDoesNotMatter(@ForAll("all") Expression e, @ForAll Random random) {
        List<Dim> summands = new ArrayList<>(List.of(e.dim(), Dim.parse("2*a*b"), Dim.parse("b^2-7"), Dim.parse("a")));
        Dim forwards = summands.stream().reduce(Dim.of(0), Dim::plus);
        Collections.shuffle(summands, random);
        Dim shuffled = summands.stream().reduce(Dim.of(0), Dim::plus);
        assertThat(shuffled).isEqualTo(forwards).hasToString(forwards.toString());
    }

    @Property(tries = 2000)
    void productsDivideExactly(@ForAll("polynomials") Expression x, @ForAll("polynomials") Expression y) {
        Dim p = x.dim();
        Dim q = y.dim().equals(Dim.of(0)) ? Dim.symbol("a") : y.dim();
        assertThat(p.times(q).dividedExactlyBy(q)).contains(p);
        assertThat(p.times(q).floorDiv(q)).isEqualTo(p);
        assertThat(p.times(q).mod(q)).isEqualTo(Dim.of(0));
    }

    @Property(tries = 2000)
    void addingTheDivisorAddsOneToTheQuotient(
            @ForAll("polynomials") Expression x, @ForAll("polynomials") Expression y) {
        Dim p = x.dim();
        Dim q = y.dim().equals(Dim.of(0)) ? Dim.of(3) : y.dim();
        assertThat(p.plus(q).floorDiv(q)).isEqualTo(p.floorDiv(q).plus(Dim.of(1)));
    }

    @Property(tries = 2000)
    void boundsHold(@ForAll("all") Expression e, @ForAll("sizes") Map<String, Long> sizes) {
        assertThat(e.arithmetic().at(sizes)).as(e.dim().toString()).isGreaterThanOrEqualTo(DimBounds.lower(e.dim()));
    }

    @Property(tries = 2000)
    void extremesAreCommutativeAndIdempotent(@ForAll("all") Expression x, @ForAll("all") Expression y) {
        Dim p = x.dim();
        Dim q = y.dim();
        assertThat(p.max(q)).isEqualTo(q.max(p)).isEqualTo(p.max(q).max(p));
        assertThat(p.min(q)).isEqualTo(q.min(p)).isEqualTo(q.min(p.min(q)));
    }

    @Property(tries = 2000)
    void broadcastsAreThoseOfNumbers(
            @ForAll("polynomials") Expression x,
            @ForAll("polynomials") Expression y,
            @ForAll("sizes") Map<String, Long> sizes) {
        long p = x.arithmetic().at(sizes);
        long q = y.arithmetic().at(sizes);
        if (p == q || p == 1 || q == 1) {
            Dim both = x.dim().broadcast(y.dim());
            assertThat(both).isEqualTo(y.dim().broadcast(x.dim()));
            // A number other than 1 takes the place of a dimension that may be 1 or that number.
            if (!both.isKnown()) {
                assertThat(both.evaluate(sizes)).hasValue(p == 1 ? q : p);
            }
        }
    }
}
