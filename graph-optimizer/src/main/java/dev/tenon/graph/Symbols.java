package dev.tenon.graph;

import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes symbols for dimensions that are only known at run time: a question mark and a number, unique in a graph that is
 * being built and its bodies. Confined to one thread.
 */
final class Symbols {
    /** The first character of symbols that are made here. Other symbols must not begin with it. */
    static final String MARK = "?";

    private static final int MAX_DIGITS = 9;
    private static final int MAX_TEXT = 1024;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_EXPRESSIONS = 64;

    /** By the text of the expression: texts can be compared, so that a map of them is fast whatever their hashes are. */
    private final Map<String, Dim> abbreviations = new HashMap<>();

    private int last;

    Dim fresh() {
        return Dim.symbol(MARK + ++last);
    }

    /** Makes sure that no later symbol is one of an operand from elsewhere. */
    void avoid(InferContext.Operand operand) {
        Set<String> made = new HashSet<>();
        collect(operand.type(), made);
        if (operand.symbolic() != null) {
            operand.symbolic().forEach(d -> collect(d, made));
        }
        for (String symbol : made) {
            last = Math.max(last, number(symbol));
        }
    }

    /** The number of a symbol that may have been made here; 0 for other symbols. */
    private static int number(String symbol) {
        int digits = symbol.length() - MARK.length();
        if (!symbol.startsWith(MARK) || digits < 1 || digits > MAX_DIGITS) {
            return 0;
        }
        int number = 0;
        for (int i = MARK.length(); i < symbol.length(); i++) {
            char c = symbol.charAt(i);
            if (c < '0' || c > '9') {
                return 0;
            }
            number = number * 10 + c - '0';
        }
        return number;
    }

    /** Adds the symbols that are made here and describe a value. */
    static void collect(Value v, Set<String> made) {
        collect(v.type(), made);
        if (v.symbolic() != null) {
            collect(v.symbolic(), made);
        }
    }

    private static void collect(ValueType type, Set<String> made) {
        if (type instanceof TensorType t) {
            if (t.shape().hasRank() && !t.shape().isKnown()) {
                collect(t.shape().dims(), made);
            }
        } else if (type instanceof SequenceType t) {
            collect(t.element(), made);
        } else if (type instanceof OptionalType t) {
            collect(t.element(), made);
        } else if (type instanceof MapType t) {
            collect(t.value(), made);
        }
    }

    private static void collect(List<Dim> dims, Set<String> made) {
        for (Dim dim : dims) {
            collect(dim, made);
        }
    }

    private static void collect(Dim dim, Set<String> made) {
        if (!dim.isKnown() && dim.toString().contains(MARK)) {
            for (String symbol : dim.symbols()) {
                if (symbol.startsWith(MARK)) {
                    made.add(symbol);
                }
            }
        }
    }

    /** A type with symbols in the place of expressions that are too large. Equal expressions get the same symbol. */
    ValueType bounded(ValueType type) {
        if (!(type instanceof TensorType t)
                || !t.shape().hasRank()
                || t.shape().isKnown()
                || !anyLarge(t.shape().dims())) {
            return type;
        }
        return new TensorType(t.dtype(), Shape.of(bounded(t.shape().dims())));
    }

    /**
     * As {@link #bounded(ValueType)}, for elements; null for null. More elements than a shape has dimensions are symbols
     * or numbers, no larger expressions: arithmetic on them must not take long.
     */
    List<Dim> bounded(List<Dim> dims) {
        if (dims == null) {
            return dims;
        }
        boolean many = dims.size() > MAX_EXPRESSIONS;
        List<Dim> result = null;
        for (int i = 0; i < dims.size(); i++) {
            Dim d = dims.get(i);
            if (isLarge(d) || many && isExpression(d)) {
                result = result == null ? new ArrayList<>(dims) : result;
                result.set(i, abbreviations.computeIfAbsent(d.toString(), text -> fresh()));
            }
        }
        return result == null ? dims : result;
    }

    private static boolean isExpression(Dim d) {
        return !d.isKnown() && !Dim.symbol(d.symbols().iterator().next()).equals(d);
    }

    private static boolean anyLarge(List<Dim> dims) {
        for (Dim d : dims) {
            if (isLarge(d)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLarge(Dim dim) {
        if (dim.isKnown()) {
            return false;
        }
        String text = dim.toString();
        if (text.length() <= MAX_DEPTH) {
            return false;
        }
        int depth = 0;
        int deepest = 0;
        for (int i = 0; i < text.length(); i++) {
            depth += text.charAt(i) == '(' ? 1 : text.charAt(i) == ')' ? -1 : 0;
            deepest = Math.max(deepest, depth);
        }
        return text.length() > MAX_TEXT || deepest > MAX_DEPTH;
    }
}
