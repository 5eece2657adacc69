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
import java.util.List;
import java.util.Map;

/**
 * The symbols that stand for dimensions which only run time knows: a question mark and a number, unique in a graph that
 * is being built and its bodies. Confined to one thread.
 */
final class Symbols {
    /** What symbols made here begin with. Names that people give begin with anything else. */
    static final String MARK = "?";

    private static final int MAX_TEXT = 1024;
    private static final int MAX_DEPTH = 32;

    private final Map<Dim, Dim> abbreviations = new HashMap<>();
    private int last;

    Dim fresh() {
        return Dim.symbol(MARK + ++last);
    }

    /** Lets no later symbol be one that an operand from elsewhere has. */
    void avoid(InferContext.Operand operand) {
        avoid(operand.type());
        if (operand.symbolic() != null) {
            operand.symbolic().forEach(this::avoid);
        }
    }

    private void avoid(ValueType type) {
        switch (type) {
            case TensorType t -> {
                if (t.shape().hasRank()) {
                    t.shape().dims().forEach(this::avoid);
                }
            }
            case SequenceType t -> avoid(t.element());
            case OptionalType t -> avoid(t.element());
            case MapType t -> avoid(t.value());
        }
    }

    private void avoid(Dim dim) {
        if (dim.isKnown()) {
            return;
        }
        for (String symbol : dim.symbols()) {
            if (symbol.matches("\\?[0-9]{1,9}")) {
                last = Math.max(last, Integer.parseInt(symbol.substring(MARK.length())));
            }
        }
    }

    /** A type without expressions that would soon outgrow what expressions may be: the same one gets the same symbol. */
    ValueType bounded(ValueType type) {
        if (!(type instanceof TensorType t)
                || !t.shape().hasRank()
                || t.shape().dims().stream().noneMatch(Symbols::isLarge)) {
            return type;
        }
        return new TensorType(t.dtype(), Shape.of(bounded(t.shape().dims())));
    }

    /** As {@link #bounded(ValueType)}, for elements; null stays. */
    List<Dim> bounded(List<Dim> dims) {
        if (dims == null || dims.stream().noneMatch(Symbols::isLarge)) {
            return dims;
        }
        List<Dim> result = new ArrayList<>();
        for (Dim d : dims) {
            result.add(isLarge(d) ? abbreviations.computeIfAbsent(d, k -> fresh()) : d);
        }
        return result;
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
