package dev.tenon.kernel;

/**
 * The lines of a tensor along one axis: its one-dimensional slices. There are {@code outer * inner} lines of {@code
 * length} elements each, and neighbouring elements of a line are {@code inner} elements apart in memory.
 *
 * @param outer the product of the dimensions before the axis
 * @param length the dimension of the axis
 * @param inner the product of the dimensions after the axis
 */
public record AxisLines(long outer, long length, long inner) {
    /**
     * The lines along an axis.
     *
     * @param dims the dimensions of the tensor
     * @param axis the axis, in [-r, r-1] for rank r
     * @return the lines
     */
    public static AxisLines of(long[] dims, long axis) {
        int at = Math.toIntExact(axis < 0 ? axis + dims.length : axis);
        long outer = 1;
        long inner = 1;
        for (int i = 0; i < dims.length; i++) {
            outer *= i < at ? dims[i] : 1;
            inner *= i > at ? dims[i] : 1;
        }
        return new AxisLines(outer, dims[at], inner);
    }

    /** {@return whether there are no lines} */
    public boolean isEmpty() {
        return outer == 0 || inner == 0;
    }
}
