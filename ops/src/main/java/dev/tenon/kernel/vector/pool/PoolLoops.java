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
     * Makes rows of others, each of some rows the same distance apart.
     *
     * @param x the elements
     * @param from the first element of the first row that the first one is made of
     * @param taps how many rows it is made of, perhaps none
     * @param step from one of those to the next
     * @param next from the first row that one is made of to the first one that the next is
     * @param last where the last vector of a row begins, behind the row's start
     * @param rows how many are made
     * @param s scratch memory
     * @param to where the first one goes
     * @param pitch from there to the next
     */
    void down(
            MemorySegment x,
            long from,
            int taps,
            long step,
            long next,
            long last,
            int rows,
            MemorySegment s,
            long to,
            long pitch);

    /**
     * Makes results, each of elements the same distance apart in its row. Their rows lie one behind the other.
     *
     * @param s scratch memory
     * @param from the first padded row
     * @param row what is computed
     * @param first the index of the row among {@link Row#rowTaps}
     * @param rows how many
     * @param y the results
     * @param to where they go
     */
    void across(MemorySegment s, long from, Row row, int first, int rows, MemorySegment y, long to);

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
    record Row(int width, long pitch, int taps, int step, int stride, float[] columnTaps, float[] rowTaps) {
        /** Where the last vector of a row of results begins, behind the row's start. */
        long last() {
            return (width - 1L) / SimdSpecies.LANES * SimdSpecies.LANES * Float.BYTES;
        }
    }
}
