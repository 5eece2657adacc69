package dev.tenon.op.geometry;

/** Indices of elements of row-major tensors. */
public final class RowMajor {
    private RowMajor() {}

    /**
     * Goes to the next element; the first one follows the last.
     *
     * @param index the index along each dimension, which is changed
     * @param dims the dimensions
     */
    public static void advance(long[] index, long[] dims) {
        for (int d = index.length - 1; d >= 0; d--) {
            if (++index[d] < dims[d]) {
                return;
            }
            index[d] = 0;
        }
    }

    /**
     * The distances of neighbours along each dimension.
     *
     * @param dims the dimensions
     * @return elements
     */
    public static long[] strides(long[] dims) {
        long[] strides = new long[dims.length];
        long stride = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            strides[d] = stride;
            stride *= dims[d];
        }
        return strides;
    }

    /**
     * The flat index of an element.
     *
     * @param index the index along each dimension
     * @param strides the strides of the tensor
     * @return elements from the first one
     */
    public static long offset(long[] index, long[] strides) {
        long offset = 0;
        for (int d = 0; d < index.length; d++) {
            offset += index[d] * strides[d];
        }
        return offset;
    }

    /**
     * The number of elements.
     *
     * @param dims the dimensions
     * @return their product, 1 if there are none
     */
    public static long size(long[] dims) {
        return size(dims, 0, dims.length);
    }

    /**
     * The number of elements of some dimensions.
     *
     * @param dims the dimensions
     * @param from the first one
     * @param to the one after the last
     * @return their product, 1 if there are none
     */
    public static long size(long[] dims, int from, int to) {
        long size = 1;
        for (int d = from; d < to; d++) {
            size *= dims[d];
        }
        return size;
    }
}
