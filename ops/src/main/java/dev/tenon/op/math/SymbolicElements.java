package dev.tenon.op.math;

import dev.tenon.error.TenonException;
import dev.tenon.op.InferContext;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/** Element-wise functions of small integer tensors whose elements are symbolic dimensions. */
final class SymbolicElements {
    private SymbolicElements() {}

    /** The elements of an operand of rank 0 or 1, booleans as 0 and 1; null if not known. */
    static List<Dim> elements(InferContext c, int i) {
        List<Dim> symbolic = c.symbolic(i);
        Tensor value = c.constant(i);
        if (symbolic != null || value == null || value.dtype() != DType.BOOL || value.rank() > 1) {
            return symbolic;
        }
        if (value.size() > InferContext.MAX_SYMBOLIC_ELEMENTS) {
            return null;
        }
        List<Dim> known = new ArrayList<>();
        for (long e = 0; e < value.size(); e++) {
            known.add(Dim.of(value.getLong(e)));
        }
        return known;
    }

    /**
     * Combines all operands, broadcast to one length, from left to right. Numbers are combined by the operator itself,
     * symbolic elements by the given function, which gives null for a result that is not known.
     */
    static List<Dim> combine(InferContext c, BinaryFunction op, BinaryOperator<Dim> symbolic) {
        DType type = c.dtype(0);
        List<Dim> result = elements(c, 0);
        for (int i = 1; i < c.inputCount() && result != null; i++) {
            result = zip(result, elements(c, i), (a, b) -> {
                if (a.isKnown() && b.isKnown()) {
                    return Dim.of(Integers.wrap(op.at(a.value(), b.value(), type), type));
                }
                return symbolic.apply(a, b);
            });
        }
        return result;
    }

    /** Applies a function to pairs of elements; null if an operand or a result is not known. */
    static List<Dim> zip(List<Dim> a, List<Dim> b, BinaryOperator<Dim> function) {
        if (a == null || b == null || (a.size() != b.size() && a.size() != 1 && b.size() != 1)) {
            return null;
        }
        int n = a.size() == 1 ? b.size() : a.size();
        List<Dim> result = new ArrayList<>(n);
        try {
            for (int i = 0; i < n; i++) {
                Dim d = function.apply(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i));
                if (d == null) {
                    return null;
                }
                result.add(d);
            }
        } catch (TenonException e) {
            // The expression is too large, or it overflows. The number is computed at run time.
            return null;
        }
        return result;
    }

    /** Whether a dimension is at least 0 for all values of its symbols. */
    static boolean isNotNegative(Dim d) {
        return d.max(Dim.of(0)).equals(d);
    }
}
