package dev.tenon.op.attention;

import dev.tenon.tensor.Tensor;

/**
 * A view of a tensor as [batch, heads, positions, size]; it may be stored so or packed as [batch, positions,
 * heads*size].
 */
record Heads(Tensor data, long batch, long heads, long length, long size, boolean packed) {
    static Heads of(Tensor t, Long heads) {
        if (t.rank() == 4) {
            return new Heads(t, t.dim(0), t.dim(1), t.dim(2), t.dim(3), false);
        }
        return new Heads(t, t.dim(0), heads, t.dim(1), t.dim(2) / heads, true);
    }

    /** The flat index of the first element of a head at a position. */
    long at(long b, long head, long position) {
        return packed
                ? ((b * length + position) * heads + head) * size
                : ((b * heads + head) * length + position) * size;
    }
}
