package dev.tenon.kernel.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;

/**
 * A product of a stack of 8-bit matrices with one 8-bit matrix into int32. The zero points are subtracted from both
 * operands first.
 *
 * @param size the size; its rows are summed over the left matrices
 * @param a the left operand
 * @param b the right operand
 * @param packing the layout of the right operand
 * @param floatOutput whether the sums are rounded to float32, else the output is int32
 * @param y where the results go; the epilogue works on a float32 output
 */
public record IntegerGemmProblem(
        ProductSize size, ByteMatrix a, ByteMatrix b, Layout packing, boolean floatOutput, OutputPlace y)
        implements ProductProblem {
    /** {@return whether the left operand is int8, else uint8} */
    public boolean signedA() {
        return a.signed();
    }

    /** {@return whether the right operand is int8, else uint8} */
    public boolean signedB() {
        return b.signed();
    }

    /** {@return the index of the left operand's zero points, or -1 if there are none} */
    public int aZeroPoint() {
        return a.zeroPoint();
    }

    /** {@return whether each row has a zero point, else one is for all} */
    public boolean aZeroPerRow() {
        return a.zeroPerVector();
    }

    /** {@return the index of the right operand's zero points, or -1 if there are none} */
    public int bZeroPoint() {
        return b.zeroPoint();
    }

    /** {@return whether each column has a zero point, else one is for all} */
    public boolean bZeroPerColumn() {
        return b.zeroPerVector();
    }

    /**
     * The same product with a float32 output.
     *
     * @param work where it goes, and the work on finished blocks
     * @return the problem
     */
    public IntegerGemmProblem toFloats(OutputPlace work) {
        return new IntegerGemmProblem(size, a, b, packing, true, work);
    }
}
