package dev.tenon.tensor;

/** Texts of dimensions, which {@link DimParser} reads. */
final class DimText {
    private DimText() {}

    /** The canonical text. */
    static String of(Dim dim) {
        StringBuilder out = new StringBuilder();
        for (Dim.Term term : dim.terms()) {
            long c = term.coefficient();
            out.append(c > 0 && !out.isEmpty() ? "+" : "");
            out.append(c == 1 ? "" : c == -1 ? "-" : c + "*");
            term.monomial().appendTo(out);
        }
        long constant = dim.constant();
        if (constant != 0 || dim.isKnown()) {
            out.append(constant > 0 && !out.isEmpty() ? "+" : "").append(constant);
        }
        return out.toString();
    }

    /** The text as a factor of a quotient, in parentheses where it needs them. */
    static String factor(Dim dim, boolean dividend) {
        return isPlain(dim, dividend) ? dim.toString() : "(" + dim + ")";
    }

    private static boolean isPlain(Dim dim, boolean dividend) {
        if (dim.isKnown()) {
            return dim.constant() >= 0;
        }
        if (dim.constant() != 0 || dim.terms().length > 1) {
            return false;
        }
        Dim.Term only = dim.terms()[0];
        boolean oneAtom = only.coefficient() == 1 && only.monomial().atomCount() == 1;
        return only.coefficient() > 0 && (dividend || oneAtom);
    }
}
