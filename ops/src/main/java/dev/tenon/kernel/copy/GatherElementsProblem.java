package dev.tenon.kernel.copy;

import java.util.Arrays;

/**
 * GatherElements: the result has an element for each index. The element has the position of the index, except along one axis,
 * where the index gives its position: {@code out[i][j] = data[indices[i][j]][j]} for axis 0.
 *
 * @param elementBytes the size of an element, bytes: 1, 2, 4 or 8
 * @param dataDims the dimensions of the data
 * @param indexDims the dimensions of the indices and of the result. They have the rank of the data, and none except that of
 *     the axis exceeds the data's
 * @param axis the axis, at least 0
 * @param indexBytes the size of an index, bytes: 4 or 8
 */
public record GatherElementsProblem(int elementBytes, long[] dataDims, long[] indexDims, int axis, int indexBytes) {
    /**
     * The length of a line: of the last dimension of the result.
     *
     * @return at least 0
     */
    public long length() {
        return indexDims[indexDims.length - 1];
    }

    /**
     * The number of lines of the result.
     *
     * @return at least 0
     */
    public long lines() {
        long lines = 1;
        for (int d = 0; d < indexDims.length - 1; d++) {
            lines *= indexDims[d];
        }
        return lines;
    }

    /**
     * The element of the data that the first index of a line refers to if it is 0.
     *
     * @param line the line
     * @return the offset of the element in the data, elements
     */
    public long lineStart(long line) {
        long rest = line;
        long start = 0;
        for (int d = indexDims.length - 2; d >= 0; d--) {
            start += d == axis ? 0 : rest % indexDims[d] * stride(d);
            rest /= indexDims[d];
        }
        return start;
    }

    /**
     * The stride of the data along a dimension.
     *
     * @param dimension the dimension
     * @return elements
     */
    public long stride(int dimension) {
        long stride = 1;
        for (int d = dimension + 1; d < dataDims.length; d++) {
            stride *= dataDims[d];
        }
        return stride;
    }

    @Override
    public String toString() {
        return Arrays.toString(indexDims) + " of " + Arrays.toString(dataDims) + " along " + axis;
    }
}
