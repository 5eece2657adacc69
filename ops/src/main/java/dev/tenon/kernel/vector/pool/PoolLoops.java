package dev.tenon.kernel.vector.pool;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;

/**
 * The loops of pooling: down, rows of elements become rows in scratch memory; across, those become results. Offsets and
 * distances are bytes. Rows are worked on one after the other, in the order in which they lie in memory, by one loop over the
 * vectors of all of them: a loop for each row would count so few that it costs as much as its work. So up to a vector less
 * one element is read and written behind a row, and overwritten by the row behind it.
 */
interface PoolLoops {
    /**
     * What padding holds in scratch memory.
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
     * @param to where the first of these rows goes
     */
    void vertical(MemorySegment x, long from, int taps, Vertical geometry, int rows, MemorySegment s, long to);

    /**
     * Makes results, each of elements the same distance apart in its row. Their rows lie one behind the other.
     *
     * @param s scratch memory
     * @param from the first padded row
     * @param geometry what is computed
     * @param first the index of the row among {@link Horizontal#rowCounts}
     * @param rows how many
     * @param y the results
     * @param to where they go
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
     * A row of windows.
     *
     * @param width how many
     * @param pitch from a padded row to the next
     * @param taps the elements of a window
     * @param step from one to the next, elements
     * @param stride from window to window, elements
     * @param columnTaps how many columns of each window count in an average, and a vector more
     * @param rowTaps how many rows do, for each row
     */
    record Horizontal(int width, long pitch, int taps, int step, int stride, float[] columnCounts, float[] rowCounts) {
        /** Where the last vector of a row of results begins, behind the row's start. */
        long lastVector() {
            return (width - 1L) / SimdSpecies.LANES * SimdSpecies.LANES * Float.BYTES;
        }
    }
}
