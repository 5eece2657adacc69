package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.TensorType;

/** A packed matrix of bytes: panels of 16 columns, and after them the sums of the columns and their zero points, int32 each. */
public interface BytePanels extends Layout {
    /** The columns of a panel. */
    int COLUMNS = 16;

    /**
     * Sizes and offsets of a packed matrix, bytes.
     *
     * @param panel the size of a panel
     * @param sums the offset of the sums
     * @param zeros the offset of the zero points
     * @param all the size of the matrix
     */
    record Sizes(long panel, long sums, long zeros, long all) {}

    /**
     * The sizes of a matrix.
     *
     * @param k its rows
     * @param n its columns
     * @return the sizes
     */
    Sizes sizes(int k, int n);

    @Override
    default long byteSize(TensorType type) {
        return sizes(
                        Math.toIntExact(type.shape().dim(0).value()),
                        Math.toIntExact(type.shape().dim(1).value()))
                .all();
    }

    /**
     * Whether zero points of signed bytes are left, so that results depend on the sums of the rows of the left operand.
     *
     * @return true if one is not 0
     */
    boolean hasZeroPoints();

    /**
     * The arithmetic that reads the matrix on a machine.
     *
     * @param best the arithmetic of the machine that takes all weights; null for none
     * @return the arithmetic; null if none reads it
     */
    ByteArithmetic arithmetic(ByteArithmetic best);
}
