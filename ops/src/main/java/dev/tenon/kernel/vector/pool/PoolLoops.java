package dev.tenon.kernel.vector.pool;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * The two passes of separable pooling. The vertical pass combines input rows into rows in scratch memory; the
 * horizontal pass combines elements of these into results. Offsets and distances are bytes.
 *
 * <p>A pass runs one loop over the vectors of all rows in the order of memory; short rows would make a loop for each
 * row cost more than its work. So it may read and write up to a vector less one element beyond a row; the next row
 * overwrites that.
 */
interface PoolLoops {
    /**
     * The value of padding in scratch memory.
     *
     * @return the bits of an element
     */
    int padding();

    /**
     * The vertical pass: combines the elements of each column of a window.
     *
     * @param x the input
     * @param from the first element of the first input row of the first window
     * @param taps the number of input rows that are combined into one, may be 0
     * @param geometry the distances between rows
     * @param rows the number of rows to make
     * @param s scratch memory
     * @param to the offset of the first of these rows
     */
    void vertical(MemorySegment x, long from, int taps, Vertical geometry, int rows, MemorySegment s, long to);

    /**
     * The horizontal pass: combines the elements of each row of scratch memory into results. Rows of results are
     * consecutive in memory.
     *
     * @param s scratch memory
     * @param from the offset of the first padded row
     * @param geometry the windows of a row
     * @param first the index of the first row in {@link Horizontal#rowCounts}
     * @param rows the number of rows
     * @param y memory of the results
     * @param to the offset of the first result
     */
    void horizontal(MemorySegment s, long from, Horizontal geometry, int first, int rows, MemorySegment y, long to);

    /**
     * The distances between the rows of a vertical pass, bytes.
     *
     * @param tapStep from an input row of a window to the next
     * @param rowStep from the first input row of a window to that of the window below it
     * @param lastVector from the first element of a row to its last vector
     * @param pitch from a row in scratch memory to the next
     */
    record Vertical(long tapStep, long rowStep, long lastVector, long pitch) {}

    /**
     * The windows of a row of a horizontal pass.
     *
     * @param width the number of windows
     * @param pitch bytes from a padded row to the next
     * @param taps the elements of a window
     * @param step elements from a tap to the next
     * @param stride elements from a window to the next
     * @param columnCounts the columns of each window that an average counts, and one more vector; null for maxima
     * @param rowCounts the rows of a window that an average counts, for each row; null for maxima
     */
    record Horizontal(int width, long pitch, int taps, int step, int stride, float[] columnCounts, float[] rowCounts) {
        /** Bytes from the first result of a row to its last vector. */
        long lastVector() {
            return (width - 1L) / SimdSpecies.LANES * SimdSpecies.LANES * Float.BYTES;
        }
    }
}
