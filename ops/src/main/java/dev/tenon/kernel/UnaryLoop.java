package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/** A {@link TileLoop} of one operand, which is contiguous. */
@FunctionalInterface
public non-sealed interface UnaryLoop extends TileLoop {
    /**
     * Computes a run.
     *
     * @param x the operand
     * @param xAt its first element, bytes
     * @param y the result
     * @param yAt its first element, bytes
     * @param n the number of elements, a multiple of the granule
     */
    void run(MemorySegment x, long xAt, MemorySegment y, long yAt, int n);
}
