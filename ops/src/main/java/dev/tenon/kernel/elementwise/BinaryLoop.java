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

    /**
     * Computes rows that are some bytes apart in the first operand and in the result. The second operand is the same for all.
     *
     * @param a the first operand
     * @param aAt the offset of its first row, bytes
     * @param b the second operand, contiguous
     * @param bAt the offset of its first element, bytes
     * @param rowBytes bytes from a row of the first operand to the next; the result is stored there
     * @param rows the number of rows
     * @param n the elements of a row, a multiple of the granule
     */
    default void runRows(MemorySegment a, long aAt, MemorySegment b, long bAt, long rowBytes, int rows, int n) {
        for (int r = 0; r < rows; r++) {
            run(a, aAt + r * rowBytes, 1, b, bAt, 1, a, aAt + r * rowBytes, n);
        }
    }
}
