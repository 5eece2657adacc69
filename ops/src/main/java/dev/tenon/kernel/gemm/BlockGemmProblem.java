package dev.tenon.kernel.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.op.quant.BlockFormat;

/**
 * A product of a stack of float32 matrices with the transpose of a matrix {@code [n, k]} of integers that have a scale, and
 * perhaps a zero point, for each block of a row. The operands are A, the integers, the scales and the zero points, then others;
 * or A and the blocks of a format, then others.
 *
 * @param size the size; its rows are summed over the left matrices
 * @param weights the integers
 * @param packing the layout of the integers; scales and zero points are packed if they are
 * @param bias the index of the bias among the operands, or -1
 * @param allowsBytes whether blocks of A may be rounded to signed bytes; they must be, if the blocks are those of a format
 * @param y where the results go
 */
public record BlockGemmProblem(
        ProductSize size, BlockedWeights weights, Layout packing, int bias, boolean allowsBytes, OutputPlace y)
        implements ProductProblem {
    /** The index of the zero points among the operands. */
    public static final int ZEROS = 3;

    /**
     * The number of blocks of a row.
     *
     * @return at least 0
     */
    public int blocks() {
        return Math.ceilDiv(k(), block());
    }

    /** {@return the bits of an integer, 4 or 8} */
    public int bits() {
        return weights.bits();
    }

    /** {@return whether the integers are signed} */
    public boolean signed() {
        return weights.signed();
    }

    /** {@return the elements of a row that share a scale} */
    public int block() {
        return weights.block();
    }

    /** {@return the form of the blocks; null if scales and zero points are operands} */
    public BlockFormat format() {
        return weights.format();
    }

    /** {@return whether the zero points are given} */
    public boolean hasZeros() {
        return weights.hasZeros();
    }

    /**
     * The same product with more work.
     *
     * @param row the index of the bias among the operands, or -1
     * @param work where the results go, and the work on finished blocks
     * @return the problem
     */
    public BlockGemmProblem with(int row, OutputPlace work) {
        return new BlockGemmProblem(size, weights, packing, row, allowsBytes, work);
    }
}
