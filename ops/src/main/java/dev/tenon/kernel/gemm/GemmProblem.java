package dev.tenon.kernel.gemm;

import dev.tenon.kernel.TileEpilogue;
import dev.tenon.tensor.DType;

/**
 * A stack of matrix products {@code Y = alpha * A * B + beta * C}.
 *
 * @param dtype the element type of all operands
 * @param m rows of A and Y
 * @param n columns of B and Y
 * @param k columns of A, rows of B
 * @param left for each product, which matrix of A it takes
 * @param right for each product, which matrix of B it takes
 * @param transA whether A lies transposed, [k,m]
 * @param transB whether B lies transposed, [n,k]
 * @param packedB whether B lies in {@code PanelLayout}
 * @param alpha the factor of the product
 * @param beta the factor of C
 * @param cOperand the index of C among the operands, or -1 if there is none
 * @param cRow elements from a row of C to the next, 0 if one row is for all
 * @param cColumn elements from a column of C to the next, 0 if one column is for all
 * @param yOperand the index of Y among the operands
 * @param epilogue what is done to finished blocks of Y, or null
 */
public record GemmProblem(
        DType dtype,
        int m,
        int n,
        int k,
        int[] left,
        int[] right,
        boolean transA,
        boolean transB,
        boolean packedB,
        float alpha,
        float beta,
        int cOperand,
        int cRow,
        int cColumn,
        int yOperand,
        TileEpilogue epilogue) {
    /**
     * The number of products.
     *
     * @return at least 0
     */
    public int count() {
        return left.length;
    }

    /**
     * Whether C is a row that every row of Y starts from.
     *
     * @return true if it is, beta being 1
     */
    public boolean hasRowBias() {
        return cOperand >= 0 && cRow == 0 && (cColumn == 1 || n == 1) && beta == 1 && alpha == 1;
    }

    /**
     * The same product with a row that every row of Y starts from.
     *
     * @param operand the index of the row among the operands
     * @return the problem
     */
    public GemmProblem plusRow(int operand) {
        return new GemmProblem(
                dtype, m, n, k, left, right, transA, transB, packedB, alpha, 1, operand, 0, 1, yOperand, epilogue);
    }

    /**
     * The same product with something done to it at the end.
     *
     * @param work what is done to finished blocks of Y, or null
     * @param y the index of Y among the operands
     * @return the problem
     */
    public GemmProblem then(TileEpilogue work, int y) {
        return new GemmProblem(
                dtype, m, n, k, left, right, transA, transB, packedB, alpha, beta, cOperand, cRow, cColumn, y, work);
    }
}
