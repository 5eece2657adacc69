package dev.tenon.tensor;

import dev.tenon.error.ResourceLimitException;

/** Reads dimension expressions; the grammar is in {@link Dim#parse}. */
final class DimParser {
    private DimParser() {}

    static Dim expression(TextReader in) {
        in.enter();
        Dim sum = product(in, in.accept('-'));
        while (true) {
            if (in.accept('+')) {
                sum = sum.plus(product(in, false));
            } else if (in.accept('-')) {
                sum = sum.plus(product(in, true));
            } else {
                in.leave();
                return sum;
            }
        }
    }

    private static Dim product(TextReader in, boolean negative) {
        char first = in.peek();
        Dim result;
        if (first >= '0' && first <= '9') {
            Dim number = Dim.of(in.integer(negative));
            // The minus belongs to the number, so that -2^63 can be read. A power binds tighter than the minus.
            result = negative && in.peek() == '^'
                    ? Dim.of(0).minus(power(in, Dim.of(0).minus(number)))
                    : power(in, number);
        } else {
            result = power(in, primary(in));
            result = negative ? Dim.of(0).minus(result) : result;
        }
        while (in.accept('*')) {
            result = result.times(power(in, primary(in)));
        }
        return result;
    }

    private static Dim power(TextReader in, Dim base) {
        if (!in.accept('^')) {
            return base;
        }
        long exponent = in.integer(false);
        if (exponent > Monomial.MAX_DEGREE) {
            throw new ResourceLimitException(
                    "dimension expression", "the power " + exponent, "at most " + Monomial.MAX_DEGREE, null);
        }
        Dim result = Dim.of(1);
        for (long i = 0; i < exponent; i++) {
            result = result.times(base);
        }
        return result;
    }

    private static Dim primary(TextReader in) {
        char next = in.peek();
        if (next >= '0' && next <= '9') {
            return Dim.of(in.integer(false));
        }
        if (next == '"') {
            return Dim.symbol(in.quoted());
        }
        if (in.accept('(')) {
            Dim inner = expression(in);
            in.expect(')');
            return inner;
        }
        if (!TextReader.isNameStart(next)) {
            throw in.unexpected("a number, a name or '('");
        }
        String name = in.name();
        Atom.Kind kind = Atom.Kind.ofWord(name);
        if (kind == null) {
            return Dim.symbol(name);
        }
        in.expect('(');
        return kind == Atom.Kind.FLOOR ? floor(in) : joined(in, kind);
    }

    private static Dim floor(TextReader in) {
        in.enter();
        Dim dividend = product(in, in.accept('-'));
        in.expect('/');
        Dim divisor = power(in, primary(in));
        in.expect(')');
        in.leave();
        return dividend.floorDiv(divisor);
    }

    private static Dim joined(TextReader in, Atom.Kind kind) {
        Dim result = expression(in);
        while (in.accept(',')) {
            result = kind.join(result, expression(in));
        }
        in.expect(')');
        return result;
    }
}
