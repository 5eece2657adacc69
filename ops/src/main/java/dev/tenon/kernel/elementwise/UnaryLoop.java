package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.MemoryMoves;
import java.lang.foreign.MemorySegment;

/** A {@link TileLoop} of one operand, which is contiguous. */
@FunctionalInterface
public non-sealed interface UnaryLoop extends TileLoop {
    /**
     * Computes a run.
     *
     * @param x the operand
     * @param xAt the offset of its first element, bytes
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the granule
     */
    void run(MemorySegment x, long xAt, MemorySegment y, long yAt, int n);

    /**
     * Computes rows that are some bytes apart in both memories.
     *
     * @param x the operand
     * @param xAt the offset of its first row, bytes
     * @param y the result
     * @param yAt the offset of its first row, bytes
     * @param rowBytes bytes from a row to the next, in both
     * @param rows the number of rows
     * @param n the elements of a row, a multiple of the granule
     */
    default void runRows(MemorySegment x, long xAt, MemorySegment y, long yAt, long rowBytes, int rows, int n) {
        for (int r = 0; r < rows; r++) {
            run(x, xAt + r * rowBytes, y, yAt + r * rowBytes, n);
        }
    }

    /**
     * A loop that copies elements.
     *
     * @param width the size of an element, bytes
     * @return the loop
     */
    static UnaryLoop copying(int width) {
        return (x, xAt, y, yAt, n) -> MemoryMoves.copy(x, xAt, y, yAt, (long) n * width);
    }
}
