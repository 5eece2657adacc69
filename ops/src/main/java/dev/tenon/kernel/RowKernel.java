package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A kernel that maps each row of a dense float32 matrix to a row of results. All rows have one length, and all rows of
 * results have one length. Such a kernel can also compute a few rows at a time from any memory, so that another kernel can
 * prepare rows and finish results while they are in cache.
 */
public interface RowKernel extends Kernel {
    /**
     * The number of rows.
     *
     * @return at least 0
     */
    long rows();

    /**
     * The number of elements of a row.
     *
     * @return at least 0
     */
    long rowLength();

    /**
     * The number of results of a row.
     *
     * @return at least 0
     */
    long resultLength();

    /**
     * Computes the results of some rows, with the same bits as {@link Kernel#run}.
     *
     * @param x the memory of the rows. It may be the memory of the results, if {@link #resultLength} equals {@link
     *     #rowLength} and each row is where its results go
     * @param xAt the offset of row {@code first} in {@code x}, bytes
     * @param y the results of all rows
     * @param first the first row
     * @param last the row after the last
     * @param scratch as for {@link Kernel#run}
     */
    void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch);
}
