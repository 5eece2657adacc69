package dev.tenon.op.geometry;

import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;

/** Operands that are broadcast to the shape of another operand. */
public final class Broadcasting {
    private Broadcasting() {}

    /**
     * The flat index of the element of a small operand that meets an element of a large one.
     *
     * @param flat the flat index of the element of the large operand
     * @param dims the dimensions of the large operand
     * @param small the dimensions of the small operand, which are broadcast to those of the large one
     * @return the flat index in the small operand
     */
    public static long offset(long flat, long[] dims, long[] small) {
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

    /**
     * Checks that an operand can be broadcast to a shape without enlarging the shape.
     *
     * @param c the operands
     * @param input the index of the operand
     * @param name its name, for the message
     * @param target the shape
     * @throws dev.tenon.error.InvalidOperandException if it is known that it can't
     */
    public static void check(InferContext c, int input, String name, Shape target) {
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

    /**
     * Checks that an operand is a vector of a given length.
     *
     * @param c the operands
     * @param input the index of the operand
     * @param name its name, for the message
     * @param length the length
     * @throws dev.tenon.error.InvalidOperandException if it is known that it is none
     */
    public static void checkVector(InferContext c, int input, String name, Dim length) {
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
