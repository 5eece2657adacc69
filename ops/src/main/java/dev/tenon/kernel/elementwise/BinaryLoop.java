package dev.tenon.kernel.elementwise;

import java.lang.foreign.MemorySegment;

/** A {@link TileLoop} of two operands, of which at least one is contiguous. */
@FunctionalInterface
public non-sealed interface BinaryLoop extends TileLoop {
    /**
     * Computes a run.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param aStep 1 if it is contiguous, 0 if its one element is repeated
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param bStep 1 if it is contiguous, 0 if its one element is repeated
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the granule
     */
    void run(
            MemorySegment a,
            long aAt,
            int aStep,
            MemorySegment b,
            long bAt,
            int bStep,
            MemorySegment y,
            long yAt,
            int n);
}
