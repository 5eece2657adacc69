package dev.tenon.kernel;

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
public record GatherProblem(long rowBytes, long outer, long tableRows, long count, int indexBytes) {}
