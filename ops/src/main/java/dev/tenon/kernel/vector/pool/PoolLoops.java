package dev.tenon.kernel.vector.pool;

import java.lang.foreign.MemorySegment;

/**
 * The loops of separable pooling. The vertical loop combines input rows into one row in scratch memory; the horizontal loop
 * combines neighbours of that row. Offsets and distances are bytes. Loops read and write whole vectors.
 */
interface PoolLoops {
    /** {@return the bits of an element that changes no result} */
    int padding();

    /**
     * Combines the elements of each column.
     *
     * @param x the input
     * @param from the offset of the first row
     * @param taps the number of rows, at least 1
     * @param step from a row to the next
     * @param vectors the vectors of a row
     * @param s scratch memory
     * @param to the offset of the result
     */
    void vertical(MemorySegment x, long from, int taps, long step, int vectors, MemorySegment s, long to);

    /**
     * Combines elements of a row for each position.
     *
     * @param s scratch memory
     * @param from the offset of the first element of the first position
     * @param taps the number of elements, at least 1
     * @param step from an element to the next
     * @param vectors the vectors of positions
     * @param to the offset of the result
     */
    void horizontal(MemorySegment s, long from, int taps, long step, int vectors, long to);

    /**
     * Makes results of combined elements, in place.
     *
     * @param s scratch memory
     * @param at the offset of the first element
     * @param vectors the number of vectors
     * @param columnCounts for each element the columns that an average counts
     * @param rowCount the rows that an average counts
     */
    void finish(MemorySegment s, long at, int vectors, float[] columnCounts, float rowCount);
}
