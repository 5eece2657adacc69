package dev.tenon.kernel;

/**
 * Rows cut into parts of about equal work: parts {@code from} to {@code to} hold the rows from
 * {@code start(from)} to {@code start(to)}. A function of the shape alone.
 *
 * @param rows the number of rows
 * @param rowsPerPart the rows of every part but perhaps the last
 */
public record RowPartition(long rows, long rowsPerPart) {
    private static final long MOST = 1 << 20;

    /**
     * Parts of about a number of elements.
     *
     * @param rows the number of rows
     * @param length the elements of a row
     * @param elements the elements of a part
     * @return the parts, at least one
     */
    public static RowPartition of(long rows, long length, long elements) {
        long few = Math.max(1, elements / Math.max(1, length));
        return new RowPartition(rows, Math.max(few, Math.ceilDiv(rows, MOST)));
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
     * @return a row, or the number of rows
     */
    public long start(int part) {
        return Math.min(rows, part * rowsPerPart);
    }

    /**
     * The rows of a part.
     *
     * @return those of every part but perhaps the last
     */
    public long most() {
        return Math.min(rows, rowsPerPart);
    }
}
