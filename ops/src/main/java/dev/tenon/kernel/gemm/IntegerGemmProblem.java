package dev.tenon.kernel.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.TileEpilogue;

/**
 * A product of a stack of 8-bit matrices with one 8-bit matrix into int32. The zero points are subtracted from both
 * operands first.
 *
 * @param m rows of the left operand, summed over its matrices
 * @param n columns of the right operand
 * @param k columns of the left operand
 * @param signedA whether the left operand is int8, else uint8
 * @param signedB whether the right operand is int8, else uint8
 * @param aZeroPoint the index of the left operand's zero points, or -1 if there are none
 * @param aZeroPerRow whether each row has a zero point, else one is for all
 * @param bZeroPoint the index of the right operand's zero points, or -1 if there are none
 * @param bZeroPerColumn whether each column has a zero point, else one is for all
 * @param packing the layout of the right operand
 * @param yOperand the index of the output
 * @param floatOutput whether the sums are rounded to float32, else the output is int32
 * @param epilogue the work on finished blocks of a float32 output, or null
 */
public record IntegerGemmProblem(
        int m,
        int n,
        int k,
        boolean signedA,
        boolean signedB,
        int aZeroPoint,
        boolean aZeroPerRow,
        int bZeroPoint,
        boolean bZeroPerColumn,
        Layout packing,
        int yOperand,
        boolean floatOutput,
        TileEpilogue epilogue) {
    /**
     * The same product with a float32 output and an epilogue.
     *
     * @param newEpilogue the work on finished blocks of the output, or null
     * @param outputOperand the index of the output among the operands
     * @return the problem
     */
    public IntegerGemmProblem withEpilogue(TileEpilogue newEpilogue, int outputOperand) {
        return new IntegerGemmProblem(
                m,
                n,
                k,
                signedA,
                signedB,
                aZeroPoint,
                aZeroPerRow,
                bZeroPoint,
                bZeroPerColumn,
                packing,
                outputOperand,
                true,
                newEpilogue);
    }
}
