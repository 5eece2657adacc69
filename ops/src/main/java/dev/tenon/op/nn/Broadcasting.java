package dev.tenon.op.nn;

import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;

/** Operands that are broadcast to another one's shape. */
final class Broadcasting {
    private Broadcasting() {}

    /** The flat index in an operand of dimensions {@code small} of the element that meets one of {@code dims}. */
    static long offset(long flat, long[] dims, long[] small) {
        long offset = 0;
        long stride = 1;
        long rest = flat;
        for (int i = dims.length - 1; i >= 0; i--) {
            int s = i - dims.length + small.length;
            if (s >= 0) {
                offset += small[s] == 1 ? 0 : rest % dims[i] * stride;
                stride *= small[s];
            }
            rest /= dims[i];
        }
        return offset;
    }

    /** Fails if an operand can't be broadcast to the shape of another without enlarging that. */
    static void check(InferContext c, int input, String name, Shape target) {
        Shape small = c.shape(input);
        if (!small.hasRank() || !target.hasRank()) {
            return;
        }
        boolean fits = small.rank() <= target.rank();
        for (int i = 1; fits && i <= small.rank(); i++) {
            Dim s = small.dim(-i);
            Dim t = target.dim(-i);
            fits = !s.isKnown() || s.value() == 1 || !t.isKnown() || s.value() == t.value();
        }
        if (!fits) {
            throw c.error(name + " of shape " + small, "shapes that broadcast to " + target, null);
        }
    }

    /** Fails unless an operand is a vector of a given length. */
    static void checkVector(InferContext c, int input, String name, Dim length) {
        Shape s = c.shape(input);
        if (!s.hasRank()) {
            return;
        }
        boolean fits = s.rank() == 1;
        if (fits && s.dim(0).isKnown() && length.isKnown()) {
            fits = s.dim(0).value() == length.value();
        }
        if (!fits) {
            throw c.error(name + " of shape " + s, "[" + length + "]", null);
        }
    }
}
