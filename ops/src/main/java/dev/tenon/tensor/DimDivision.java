package dev.tenon.tensor;

import dev.tenon.error.TenonException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;

/** Division of polynomials over the integers, and the smallest form of a floor quotient. */
final class DimDivision {
    private static final int MAX_TERMS = 1024;
    private static final int MAX_STEPS = 1 << 12;

    /** dividend = quotient * divisor + remainder, with the remainder in normal form: it is 0 if that is possible. */
    record Result(Dim quotient, Dim remainder) {}

    private DimDivision() {}

    /**
     * Divides, greatest monomial first. The remainder has coefficients from 0 to the leading coefficient of the divisor
     * at every monomial that the divisor's leading monomial divides. Null if the computation overflows or grows too
     * large.
     */
    static Result divide(Dim dividend, Dim divisor) {
        Dim.Term[] terms = divisor.terms();
        Monomial leader = terms.length == 0 ? Monomial.ONE : terms[0].monomial();
        long leading = terms.length == 0 ? divisor.constant() : terms[0].coefficient();
        NavigableMap<Monomial, Long> rest = dividend.toTerms();
        NavigableMap<Monomial, Long> divisorTerms = divisor.toTerms();
        NavigableMap<Monomial, Long> quotient = divisor.toTerms();
        quotient.clear();
        try {
            int steps = 0;
            for (Monomial m = rest.isEmpty() ? null : rest.firstKey(); m != null; m = rest.higherKey(m)) {
                Monomial factor = m.dividedBy(leader);
                long times = factor == null ? 0 : Math.floorDivExact(rest.get(m), leading);
                if (times == 0) {
                    continue;
                }
                quotient.put(factor, times);
                for (Map.Entry<Monomial, Long> term : divisorTerms.entrySet()) {
                    long change = Math.multiplyExact(times, term.getValue());
                    Monomial product = term.getKey().times(factor);
                    long left = Math.addExact(rest.getOrDefault(product, 0L), Math.negateExact(change));
                    rest.put(product, left);
                }
                steps += divisorTerms.size();
                if (rest.size() > MAX_TERMS || steps > MAX_STEPS) {
                    return null;
                }
            }
            return new Result(Dim.ofTerms(quotient), Dim.ofTerms(rest));
        } catch (ArithmeticException | TenonException e) {
            return null;
        }
    }

    static Dim floorDiv(Dim dividend, Dim divisor) {
        if (dividend.isKnown() && divisor.isKnown()) {
            return Dim.of(Math.floorDivExact(dividend.constant(), divisor.constant()));
        }
        Dim p = dividend;
        Dim q = divisor;
        if ((q.isKnown() ? q.constant() : q.terms()[0].coefficient()) < 0) {
            p = Dim.of(0).minus(p);
            q = Dim.of(0).minus(q);
        }
        Result result = divide(p, q);
        if (result == null) {
            return Dim.ofAtom(Atom.floor(p, q));
        }
        return result.quotient().plus(proper(result.remainder(), q));
    }

    /** floor(r/q) for a remainder of q. */
    private static Dim proper(Dim remainder, Dim divisor) {
        Dim r = remainder;
        Dim q = divisor;
        if (r.equals(Dim.of(0))) {
            return r;
        }
        Monomial common = commonMonomial(r, q);
        long content = gcd(coefficientGcd(r, r.constant()), coefficientGcd(q, q.constant()));
        if (content > 1 || !common.isOne()) {
            r = divideAll(r, common, content);
            q = divideAll(q, common, content);
        }
        if (q.isKnown()) {
            // floor((g*p + c)/(g*q)) = floor((p + floor(c/g))/q), since p is an integer.
            long g = gcd(coefficientGcd(r, 0), q.constant());
            if (g > 1) {
                Dim whole = divideAll(r.minus(Dim.of(r.constant())), Monomial.ONE, g);
                r = whole.plus(Dim.of(Math.floorDiv(r.constant(), g)));
                q = Dim.of(q.constant() / g);
            }
            if (q.constant() == 1) {
                return r;
            }
            Dim merged = mergeNested(r, q);
            if (merged != null) {
                return merged;
            }
        }
        if (r.isKnown() && q.isKnown()) {
            return Dim.of(Math.floorDivExact(r.constant(), q.constant()));
        }
        if (DimBounds.lower(r) >= 0 && DimBounds.isAtLeast(q, r.plus(Dim.of(1)))) {
            return Dim.of(0);
        }
        Dim negated = Dim.of(0).minus(r);
        // A divisor is not 0, so one that is at least 0 is at least 1.
        boolean withinOne = DimBounds.isAtLeast(q, negated) || (negated.equals(Dim.of(1)) && DimBounds.lower(q) >= 0);
        if (DimBounds.lower(negated) >= 1 && withinOne) {
            return Dim.of(-1);
        }
        return Dim.ofAtom(Atom.floor(r, q));
    }

    /** floor((floor(x/a) + s)/b) = floor((x + a*s)/(a*b)) for numbers a, b above 0; null if r has no such form. */
    private static Dim mergeNested(Dim r, Dim q) {
        Atom inner = null;
        for (Dim.Term term : r.terms()) {
            Atom atom = term.monomial().single();
            if (atom != null && atom.kind() == Atom.Kind.FLOOR) {
                if (inner != null || term.coefficient() != 1) {
                    return null;
                }
                inner = atom;
            }
        }
        if (inner == null) {
            return null;
        }
        List<Dim> operands = inner.operands();
        Dim a = operands.get(1);
        if (!a.isKnown() || a.constant() <= 0) {
            return null;
        }
        try {
            Dim rest = r.minus(Dim.ofAtom(inner));
            return floorDiv(operands.get(0).plus(a.times(rest)), a.times(q));
        } catch (ArithmeticException | TenonException e) {
            return null;
        }
    }

    private static Monomial commonMonomial(Dim r, Dim q) {
        if (r.constant() != 0 || q.constant() != 0 || q.isKnown()) {
            return Monomial.ONE;
        }
        Monomial common = q.terms()[0].monomial();
        for (Dim dim : List.of(r, q)) {
            for (Dim.Term term : dim.terms()) {
                common = common.common(term.monomial());
            }
        }
        return common;
    }

    private static Dim divideAll(Dim dim, Monomial monomial, long factor) {
        NavigableMap<Monomial, Long> terms = dim.toTerms();
        NavigableMap<Monomial, Long> out = dim.toTerms();
        out.clear();
        for (Map.Entry<Monomial, Long> term : terms.entrySet()) {
            out.put(term.getKey().dividedBy(monomial), term.getValue() / factor);
        }
        return Dim.ofTerms(out);
    }

    private static long coefficientGcd(Dim dim, long start) {
        long gcd = start;
        for (Dim.Term term : dim.terms()) {
            gcd = gcd(gcd, term.coefficient());
        }
        return gcd;
    }

    /** The greatest common divisor, at least 0; 1 if an argument is -2^63, because its magnitude is no long. */
    private static long gcd(long a, long b) {
        if (a == Long.MIN_VALUE || b == Long.MIN_VALUE) {
            return 1;
        }
        long x = Math.abs(a);
        long y = Math.abs(b);
        while (y != 0) {
            long t = x % y;
            x = y;
            y = t;
        }
        return x;
    }
}
