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
     * A loop that copies elements.
     *
     * @param width the size of an element, bytes
     * @return the loop
     */
    static UnaryLoop copying(int width) {
        return (x, xAt, y, yAt, n) -> MemoryMoves.copy(x, xAt, y, yAt, (long) n * width);
    }
}
