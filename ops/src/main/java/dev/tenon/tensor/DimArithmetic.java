package dev.tenon.tensor;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Sums and products of polynomials over the integers. */
final class DimArithmetic {
    private static final int MAX_PRODUCT = 512;

    /** The operations that a term of a sum or product counts for. */
    private static final long WORK_PER_TERM = 200;

    private DimArithmetic() {}

    static Dim sum(Dim a, Dim b) {
        return combine(a, b, 1, "+");
    }

    static Dim difference(Dim a, Dim b) {
        return combine(a, b, -1, "-");
    }

    private static Dim combine(Dim a, Dim b, int sign, String operator) {
        try {
            if (a.isKnown() && b.isKnown()) {
                return Dim.of(add(a.constant(), b.constant(), sign));
            }
            if (isNumber(b, 0)) {
                return a;
            }
            WorkBudget.spend(WORK_PER_TERM * (a.terms().length + b.terms().length));
            Map<Monomial, Long> sum = a.toTerms();
            sum.put(Monomial.ONE, add(a.constant(), b.constant(), sign));
            for (Dim.Term term : b.terms()) {
                sum.put(term.monomial(), add(sum.getOrDefault(term.monomial(), 0L), term.coefficient(), sign));
            }
            return Dim.ofTerms(sum);
        } catch (ArithmeticException e) {
            throw overflow(a, operator, b, e);
        }
    }

    private static long add(long a, long b, int sign) {
        return sign > 0 ? Math.addExact(a, b) : Math.subtractExact(a, b);
    }

    private static boolean isNumber(Dim dim, long number) {
        return dim.isKnown() && dim.constant() == number;
    }

    static Dim product(Dim a, Dim b) {
        try {
            if (a.isKnown() && b.isKnown()) {
                return Dim.of(Math.multiplyExact(a.constant(), b.constant()));
            }
            if (isNumber(a, 1) || isNumber(b, 0)) {
                return b;
            }
            if (isNumber(b, 1) || isNumber(a, 0)) {
                return a;
            }
            long terms = termCount(a) * termCount(b);
            if (terms > MAX_PRODUCT) {
                throw new ResourceLimitException(
                        "dimension expression",
                        "a product of " + termCount(a) + " and " + termCount(b) + " terms",
                        "at most " + MAX_PRODUCT + " products of terms",
                        "give the dimension a symbol of its own");
            }
            WorkBudget.spend(WORK_PER_TERM * terms);
            return multiply(a.toTerms(), b.toTerms());
        } catch (ArithmeticException e) {
            throw overflow(a, "*", b, e);
        }
    }

    private static long termCount(Dim dim) {
        return dim.terms().length + (dim.constant() == 0 ? 0L : 1L);
    }

    private static Dim multiply(NavigableMap<Monomial, Long> a, NavigableMap<Monomial, Long> b) {
        TreeMap<Monomial, Long> product = new TreeMap<>(Comparator.reverseOrder());
        for (Map.Entry<Monomial, Long> x : a.entrySet()) {
            for (Map.Entry<Monomial, Long> y : b.entrySet()) {
                Monomial monomial = x.getKey().times(y.getKey());
                long sum = Math.addExact(
                        product.getOrDefault(monomial, 0L), Math.multiplyExact(x.getValue(), y.getValue()));
                product.put(monomial, sum);
            }
        }
        return Dim.ofTerms(product);
    }

    /** An operation whose result has a coefficient beyond 64 bits. */
    static InvalidTensorException overflow(Dim a, String operator, Dim b, ArithmeticException cause) {
        return new InvalidTensorException(
                "dimension",
                TextReader.excerpt(a.toString()) + " " + operator + " " + TextReader.excerpt(b.toString())
                        + " overflows 64 bits",
                "results below 2^63",
                null,
                cause);
    }
}
