package dev.tenon.kernel.copy;

import java.util.Arrays;

/**
 * Elements that are taken at the places of indices, but along one axis at the index:
 * {@code out[i][j] = data[indices[i][j]][j]} for axis 0.
 *
 * @param elementBytes the bytes of an element: 1, 2, 4 or 8
 * @param data the dimensions of the data
 * @param places the dimensions of the indices and of the result, as many, and but for the axis at most as large
 * @param axis the axis
 * @param indexBytes the bytes of an index, 4 or 8
 */
public record GatherElementsProblem(int elementBytes, long[] data, long[] places, int axis, int indexBytes) {
    /**
     * The elements of a line: of the last dimension of the result.
     *
     * @return at least 0
     */
    public long length() {
        return places[places.length - 1];
    }

    /**
     * The lines of the result.
     *
     * @return at least 0
     */
    public long lines() {
        long lines = 1;
        for (int d = 0; d < places.length - 1; d++) {
            lines *= places[d];
        }
        return lines;
    }

    /**
     * Where the element lies that the first place of a line would take with an index of 0.
     *
     * @param line the line
     * @return an offset in elements of the data
     */
    public long start(long line) {
        long rest = line;
        long start = 0;
        for (int d = places.length - 2; d >= 0; d--) {
            start += d == axis ? 0 : rest % places[d] * stride(d);
            rest /= places[d];
        }
        return start;
    }

    /**
     * The distance of neighbours in the data along a dimension.
     *
     * @param dimension the dimension
     * @return elements
     */
    public long stride(int dimension) {
        long stride = 1;
        for (int d = dimension + 1; d < data.length; d++) {
            stride *= data[d];
        }
        return stride;
    }

    @Override
    public String toString() {
        return Arrays.toString(places) + " of " + Arrays.toString(data) + " along " + axis;
    }
}
