package dev.tenon.op.reduce;

import dev.tenon.tensor.Tensor;

/** The elements of a tensor that are reduced to one element of the result. */
public final class Group {
    private final Tensor data;
    private final long[] dims;
    private final long[] strides;
    private final long size;
    private long base;

    /**
     * Groups of elements.
     *
     * @param data the tensor
     * @param dims the dimensions of a group
     * @param strides the distances, in elements of the tensor, along them
     * @param size the product of the dimensions
     */
    Group(Tensor data, long[] dims, long[] strides, long size) {
        this.data = data;
        this.dims = dims;
        this.strides = strides;
        this.size = size;
    }

    /** Moves to the group that begins at an element. */
    void moveTo(long start) {
        base = start;
    }

    /**
     * The number of elements.
     *
     * @return the number, perhaps 0
     */
    public long size() {
        return size;
    }

    /**
     * Tells whether integers are unsigned.
     *
     * @return true for unsigned integer types
     */
    public boolean unsigned() {
        return data.dtype().isUnsigned();
    }

    /**
     * An element of a floating type.
     *
     * @param i its index in the group, in row-major order
     * @return its value
     */
    public double real(long i) {
        return data.getDouble(at(i));
    }

    /**
     * An element of an integer type or bool.
     *
     * @param i its index in the group, in row-major order
     * @return its value; the bits of uint64
     */
    public long integer(long i) {
        return data.getLong(at(i));
    }

    /**
     * The least value of the elements' type.
     *
     * @return the value, 0 for unsigned types and bool
     */
    public long least() {
        return data.dtype().isInteger() ? data.dtype().minInteger() : 0;
    }

    /**
     * The greatest value of the elements' type.
     *
     * @return the value, its bits for uint64, 1 for bool
     */
    public long greatest() {
        return data.dtype().isInteger() ? data.dtype().maxInteger() : 1;
    }

    private long at(long i) {
        long at = base;
        long rest = i;
        for (int d = dims.length - 1; d >= 0; d--) {
            at += rest % dims[d] * strides[d];
            rest /= dims[d];
        }
        return at;
    }
}
