package dev.tenon.kernel.gemm;

import dev.tenon.kernel.TileEpilogue;

/**
 * A product of a stack of 8-bit matrices with one 8-bit matrix, each less its zero points, into int32.
 *
 * @param m rows of the left operand, all its matrices together
 * @param n columns of the right operand
 * @param k columns of the left operand
 * @param signedA whether the left operand is int8, else uint8
 * @param signedB whether the right operand is int8, else uint8
 * @param aZeroPoint the index of the left operand's zero points, or -1 if there are none
 * @param aPerRow whether there is one for each row, else one for all
 * @param bZeroPoint the index of the right operand's zero points, or -1 if there are none
 * @param bPerColumn whether there is one for each column, else one for all
 * @param depth the rows of a block where the right operand lies in {@code IntegerPanelLayout}, 0 where it does not
 * @param yOperand the index of the output
 * @param floats whether the output is float32, to which the sums are rounded, else int32
 * @param epilogue what is done to finished blocks of an output of float32, or null
 */
public record IntegerGemmProblem(
        int m,
        int n,
        int k,
        boolean signedA,
        boolean signedB,
        int aZeroPoint,
        boolean aPerRow,
        int bZeroPoint,
        boolean bPerColumn,
        int depth,
        int yOperand,
        boolean floats,
        TileEpilogue epilogue) {
    /**
     * The same product rounded to float32, with something done to it at the end.
     *
     * @param work what is done to finished blocks of the output, or null
     * @param y the index of the output among the operands
     * @return the problem
     */
    public IntegerGemmProblem then(TileEpilogue work, int y) {
        return new IntegerGemmProblem(
                m, n, k, signedA, signedB, aZeroPoint, aPerRow, bZeroPoint, bPerColumn, depth, y, true, work);
    }
}
