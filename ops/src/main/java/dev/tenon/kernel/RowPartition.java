package dev.tenon.kernel;

/**
 * Rows split into parts of about equal work. Parts {@code from} to {@code to} are the rows from {@code start(from)} to
 * {@code start(to)}. The split depends on the shape only.
 *
 * @param rows the number of rows
 * @param rowsPerPart the rows of every part except the last, which may have fewer
 */
public record RowPartition(long rows, long rowsPerPart) {
    private static final long MAX_PARTS = 1 << 20;

    /**
     * Splits rows into parts of about a given number of elements.
     *
     * @param rows the number of rows
     * @param length the elements of a row
     * @param elements the elements of a part
     * @return the partition, of at least one part
     */
    public static RowPartition of(long rows, long length, long elements) {
        long rowsPerPart = Math.max(1, elements / Math.max(1, length));
        return new RowPartition(rows, Math.max(rowsPerPart, Math.ceilDiv(rows, MAX_PARTS)));
    }

    /**
     * The number of parts.
     *
     * @return at least 1
     */
    public int parts() {
        return (int) Math.max(1, Math.ceilDiv(rows, rowsPerPart));
    }

    /**
     * The first row of a part.
     *
     * @param part the part, or the number of parts
     * @return the row, or the number of rows
     */
    public long start(int part) {
        return Math.min(rows, part * rowsPerPart);
    }

    /**
     * The number of rows of the largest part.
     *
     * @return at most {@link #rowsPerPart}
     */
    public long maxPartRows() {
        return Math.min(rows, rowsPerPart);
    }
}
