package dev.tenon.kernel.copy;

import dev.tenon.error.InvalidOperandException;

/**
 * Gather: copies the rows that indices refer to from one table, or from several tables by the same indices: {@code out[o, k] =
 * data[o, indices[k]]}.
 *
 * @param rowBytes the size of a row, bytes
 * @param outer the number of tables
 * @param tableRows the number of rows of a table
 * @param count the number of indices
 * @param indexBytes the size of an index, bytes: 4 or 8
 * @param fromEnd whether a negative index counts from the end; otherwise it is an error
 */
public record GatherProblem(long rowBytes, long outer, long tableRows, long count, int indexBytes, boolean fromEnd) {
    /**
     * The row that an index refers to.
     *
     * @param index the index
     * @return the row, in [0, tableRows - 1]
     * @throws InvalidOperandException if there is no such row
     */
    public long row(long index) {
        if (!fromEnd && (index < 0 || index >= tableRows)) {
            String allowed = tableRows == 0 ? "none, there are no columns" : "[0, " + (tableRows - 1) + "]";
            throw new InvalidOperandException("ArrayFeatureExtractor", "'Y' has " + index, allowed, null);
        }
        return resolve(index, tableRows);
    }

    /**
     * The row that an index of Gather refers to.
     *
     * @param index the index; a negative one counts from the end
     * @param tableRows the number of rows of a table
     * @return the row, in [0, tableRows - 1]
     * @throws InvalidOperandException if there is no such row
     */
    public static long resolve(long index, long tableRows) {
        return resolve("Gather", index, tableRows);
    }

    /**
     * The position that an index refers to.
     *
     * @param operator the operator's name, for the error
     * @param index the index; a negative one counts from the end
     * @param size the number of positions
     * @return the position, in [0, size - 1]
     * @throws InvalidOperandException if there is no such position
     */
    public static long resolve(String operator, long index, long size) {
        long position = index < 0 ? index + size : index;
        if (position < 0 || position >= size) {
            String allowed = size == 0 ? "none, the dimension is 0" : "[" + -size + ", " + (size - 1) + "]";
            throw new InvalidOperandException(operator, "index " + index, allowed, null);
        }
        return position;
    }
}
