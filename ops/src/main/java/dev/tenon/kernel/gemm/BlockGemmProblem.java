package dev.tenon.kernel.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.TileEpilogue;

/**
 * A product of a stack of float32 matrices with the transpose of a matrix {@code [n, k]} of integers that have a scale, and
 * perhaps a zero point, for each block of a row. The operands are A, the integers, the scales and the zero points, then others.
 *
 * @param m rows of A, summed over its matrices
 * @param n rows of the matrix of integers
 * @param k elements of a row
 * @param bits the bits of an integer, 4 or 8
 * @param signed whether the integers are signed
 * @param block the elements of a row that share a scale
 * @param hasZeros whether the zero points are given
 * @param bias the index of the bias among the operands, or -1
 * @param allowsBytes whether blocks of A may be rounded to signed bytes
 * @param packing the layout of the integers; scales and zero points are packed if they are
 * @param yOperand the index of the output
 * @param epilogue the work on finished blocks of the output, or null
 */
public record BlockGemmProblem(
        int m,
        int n,
        int k,
        int bits,
        boolean signed,
        int block,
        boolean hasZeros,
        int bias,
        boolean allowsBytes,
        Layout packing,
        int yOperand,
        TileEpilogue epilogue) {
    /** The index of the zero points among the operands. */
    public static final int ZEROS = 3;

    /**
     * The number of blocks of a row.
     *
     * @return at least 0
     */
    public int blocks() {
        return Math.ceilDiv(k, block);
    }

    /**
     * The same product with more work.
     *
     * @param row the index of the bias among the operands, or -1
     * @param work the work on finished blocks of the output, or null
     * @param outputOperand the index of the output among the operands
     * @return the problem
     */
    public BlockGemmProblem with(int row, TileEpilogue work, int outputOperand) {
        return new BlockGemmProblem(
                m, n, k, bits, signed, block, hasZeros, row, allowsBytes, packing, outputOperand, work);
    }
}
