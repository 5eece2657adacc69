package dev.tenon.kernel.elementwise;

import java.lang.foreign.MemorySegment;

/** A {@link TileLoop} of three operands, of which at least one is contiguous. */
@FunctionalInterface
public non-sealed interface TernaryLoop extends TileLoop {
    /**
     * Computes a run.
     *
     * @param a the first operand
     * @param aAt the offset of its first element, bytes
     * @param b the second operand
     * @param bAt the offset of its first element, bytes
     * @param c the third operand
     * @param cAt the offset of its first element, bytes
     * @param steps the steps of the operands as bits, see {@link #steps}
     * @param y the result
     * @param yAt the offset of its first element, bytes
     * @param n the number of elements, a multiple of the granule
     */
    void run(
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment c,
            long cAt,
            int steps,
            MemorySegment y,
            long yAt,
            int n);

    /**
     * Computes rows that are some bytes apart in the first operand and in the result, which is stored in its place. The other
     * operands are the same for all rows.
     *
     * @param a the first operand
     * @param aAt the offset of its first row, bytes
     * @param b the second operand, contiguous
     * @param bAt the offset of its first element, bytes
     * @param c the third operand, contiguous
     * @param cAt the offset of its first element, bytes
     * @param rowBytes bytes from a row of the first operand to the next
     * @param rows the number of rows
     * @param n the elements of a row, a multiple of the granule
     */
    default void runRows(
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            MemorySegment c,
            long cAt,
            long rowBytes,
            int rows,
            int n) {
        int steps = steps(1, 1, 1);
        for (int r = 0; r < rows; r++) {
            run(a, aAt + r * rowBytes, b, bAt, c, cAt, steps, a, aAt + r * rowBytes, n);
        }
    }

    /**
     * Packs the steps of three operands into the bits of one number.
     *
     * @param a 1 if the first operand is contiguous, 0 if its one element is repeated
     * @param b the same of the second operand
     * @param c the same of the third operand
     * @return {@code a} in bit 0, {@code b} in bit 1, {@code c} in bit 2
     */
    static int steps(int a, int b, int c) {
        return a | b << 1 | c << 2;
    }

    /**
     * The step of an operand.
     *
     * @param steps the steps as bits
     * @param operand the index of the operand: 0, 1 or 2
     * @return 1 if it is contiguous, 0 if its one element is repeated
     */
    static int step(int steps, int operand) {
        return steps >> operand & 1;
    }
}
