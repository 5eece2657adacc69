package dev.tenon.tensor;

import dev.tenon.error.TenonException;
import java.util.List;

/** Facts about dimensions that hold for all sizes. Symbols stand for sizes, so they are at least 0. */
final class DimBounds {
    /** The lower bound if nothing is known. */
    static final long UNBOUNDED = Long.MIN_VALUE;

    private DimBounds() {}

    /** A provable lower bound, or {@link #UNBOUNDED}. */
    static long lower(Dim dim) {
        try {
            long sum = dim.constant();
            for (Dim.Term term : dim.terms()) {
                Monomial monomial = term.monomial();
                if (term.coefficient() < 0) {
                    return UNBOUNDED;
                }
                long product = term.coefficient();
                for (int i = 0; i < monomial.atomCount(); i++) {
                    long bound = lower(monomial.atom(i));
                    if (bound < 0 && (bound == UNBOUNDED || monomial.atomCount() > 1 || monomial.power(i) > 1)) {
                        return UNBOUNDED;
                    }
                    for (int p = 0; p < monomial.power(i); p++) {
                        product = Math.multiplyExact(product, bound);
                    }
                }
                sum = Math.addExact(sum, product);
            }
            return sum;
        } catch (ArithmeticException e) {
            return UNBOUNDED;
        }
    }

    private static long lower(Atom atom) {
        List<Dim> operands = atom.operands();
        return switch (atom.kind()) {
            case SYMBOL -> 0;
            case FLOOR -> quotient(lower(operands.get(0)), operands.get(1));
            case MAX -> extreme(operands, true);
            case MIN, BROADCAST -> extreme(operands, false);
        };
    }

    private static long extreme(List<Dim> operands, boolean greatest) {
        long bound = lower(operands.getFirst());
        for (Dim operand : operands) {
            long its = lower(operand);
            bound = greatest ? Math.max(bound, its) : Math.min(bound, its);
        }
        return bound;
    }

    private static long quotient(long dividend, Dim divisor) {
        if (dividend == UNBOUNDED) {
            return UNBOUNDED;
        }
        if (divisor.isKnown() && divisor.value() > 0) {
            return Math.floorDiv(dividend, divisor.value());
        }
        return dividend >= 0 && lower(divisor) >= 0 ? 0 : UNBOUNDED;
    }

    /** Whether one is at least the other; false if it is not known. */
    static boolean isAtLeast(Dim a, Dim b) {
        if (a.equals(b)
                || (a.isKnown() && a.constant() == Long.MAX_VALUE)
                || (b.isKnown() && b.constant() == Long.MIN_VALUE)) {
            return true;
        }
        if (b.isKnown()) {
            long bound = lower(a);
            return bound != UNBOUNDED && bound >= b.constant();
        }
        try {
            return lower(a.minus(b)) >= 0;
        } catch (TenonException e) {
            return false;
        }
    }

    /** Whether two differ; false if it is not known. */
    static boolean differ(Dim a, Dim b) {
        try {
            return lower(a.minus(b)) > 0 || lower(b.minus(a)) > 0;
        } catch (TenonException e) {
            return false;
        }
    }
}
