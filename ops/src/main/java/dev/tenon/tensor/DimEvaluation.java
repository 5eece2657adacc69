package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.OptionalLong;
import java.util.function.Function;

/** One evaluation of a dimension: the values of symbols, and whether one was missing. */
final class DimEvaluation {
    private final Function<String, Long> lookup;
    private boolean incomplete;

    private DimEvaluation(Function<String, Long> lookup) {
        this.lookup = lookup;
    }

    /** The value of a dimension, empty if a symbol that it depends on has none; see {@link Dim#evaluate(Function)}. */
    static OptionalLong of(Dim dim, Function<String, Long> sizes) {
        if (dim.isKnown()) {
            return OptionalLong.of(dim.constant());
        }
        DimEvaluation evaluation = new DimEvaluation(sizes);
        try {
            long value = evaluation.value(dim);
            return evaluation.incomplete ? OptionalLong.empty() : OptionalLong.of(value);
        } catch (ArithmeticException e) {
            throw new InvalidTensorException(
                    "dimension '" + TextReader.excerpt(dim.toString()) + "'",
                    "its value overflows 64 bits",
                    null,
                    "bind smaller sizes",
                    e);
        }
    }

    /** The value of a symbol; 0 if it has none. */
    long valueOf(String symbol) {
        Long value = lookup.apply(symbol);
        incomplete |= value == null;
        return value == null ? 0 : value;
    }

    /** Whether a symbol was asked for that has no value. */
    boolean isIncomplete() {
        return incomplete;
    }

    /** The value of a part; any number if this is incomplete after the call. */
    long value(Dim dim) {
        long sum = dim.constant();
        for (Dim.Term term : dim.terms()) {
            long product = term.coefficient();
            Monomial monomial = term.monomial();
            for (int i = 0; i < monomial.atomCount(); i++) {
                long value = monomial.atom(i).evaluate(this);
                if (incomplete) {
                    return 0;
                }
                for (int p = 0; p < monomial.power(i); p++) {
                    product = Math.multiplyExact(product, value);
                }
            }
            sum = Math.addExact(sum, product);
        }
        return sum;
    }
}
