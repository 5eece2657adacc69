package dev.tenon.kernel.copy;

import dev.tenon.error.InvalidOperandException;

/**
 * Rows that are taken by index from a table, or from the table of each outer place:
 * {@code out[o, k] = data[o, indices[k]]}.
 *
 * @param rowBytes the bytes of a row
 * @param outer the number of tables
 * @param tableRows the number of rows of a table
 * @param count the number of indices
 * @param indexBytes the bytes of an index, 4 or 8
 */
public record GatherProblem(long rowBytes, long outer, long tableRows, long count, int indexBytes) {
    /**
     * The row that an index names.
     *
     * @param index the index, from the end if it is negative
     * @param tableRows the number of rows of a table
     * @return a row of it
     * @throws InvalidOperandException if there is no such row
     */
    public static long place(long index, long tableRows) {
        return place("Gather", index, tableRows);
    }

    /**
     * The place that an index names.
     *
     * @param operator whose index it is
     * @param index the index, from the end if it is negative
     * @param tableRows the number of places
     * @return one of them
     * @throws InvalidOperandException if there is no such place
     */
    public static long place(String operator, long index, long tableRows) {
        long place = index < 0 ? index + tableRows : index;
        if (place < 0 || place >= tableRows) {
            String allowed =
                    tableRows == 0 ? "none, the dimension is 0" : "[" + -tableRows + ", " + (tableRows - 1) + "]";
            throw new InvalidOperandException(operator, "index " + index, allowed, null);
        }
        return place;
    }
}
