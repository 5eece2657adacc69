package dev.tenon.kernel.gemm;

import dev.tenon.kernel.TileEpilogue;
import dev.tenon.tensor.DType;

/**
 * A stack of matrix products {@code Y = alpha * A * B + beta * C}. Matrices are row-major. Strides count elements.
 *
 * @param dtype the element type of all operands
 * @param m rows of A and Y
 * @param n columns of B and Y
 * @param k columns of A, rows of B
 * @param aMatrix for each product, the index of its A in the stack of left operands
 * @param bMatrix for each product, the index of its B in the stack of right operands
 * @param transA whether A is stored transposed, [k,m]
 * @param transB whether B is stored transposed, [n,k]
 * @param panels the element type of the panels in which B is packed; null if B is not packed
 * @param alpha the factor of the product
 * @param beta the factor of C
 * @param cOperand the index of C among the operands, or -1 if there is none
 * @param cRowStride elements from a row of C to the next; 0 broadcasts one row
 * @param cColumnStride elements from a column of C to the next; 0 broadcasts one column
 * @param yOperand the index of Y among the operands
 * @param epilogue the work on finished blocks of Y, or null
 */
public record GemmProblem(
        DType dtype,
        int m,
        int n,
        int k,
        int[] aMatrix,
        int[] bMatrix,
        boolean transA,
        boolean transB,
        DType panels,
        float alpha,
        float beta,
        int cOperand,
        int cRowStride,
        int cColumnStride,
        int yOperand,
        TileEpilogue epilogue) {
    /**
     * The number of products.
     *
     * @return at least 0
     */
    public int count() {
        return aMatrix.length;
    }

    /**
     * Whether B is packed in {@link PanelLayout}.
     *
     * @return true if it is
     */
    public boolean packedB() {
        return panels != null;
    }

    /**
     * Whether B is packed in panels of 16-bit numbers.
     *
     * @return true if it is
     */
    public boolean hasNarrowPanels() {
        return panels != null && panels != DType.FLOAT32;
    }

    /**
     * Whether C is a plain bias: one row that is added to every row of the product, with alpha and beta 1.
     *
     * @return true if it is
     */
    public boolean hasRowBias() {
        return cOperand >= 0 && cRowStride == 0 && (cColumnStride == 1 || n == 1) && beta == 1 && alpha == 1;
    }

    /**
     * The same product with a bias row in place of C.
     *
     * @param biasOperand the index of the row among the operands
     * @return the problem
     */
    public GemmProblem withRowBias(int biasOperand) {
        return new GemmProblem(
                dtype,
                m,
                n,
                k,
                aMatrix,
                bMatrix,
                transA,
                transB,
                panels,
                alpha,
                1,
                biasOperand,
                0,
                1,
                yOperand,
                epilogue);
    }

    /**
     * The same product with another epilogue.
     *
     * @param newEpilogue the work on finished blocks of Y, or null
     * @param outputOperand the index of Y among the operands
     * @return the problem
     */
    public GemmProblem withEpilogue(TileEpilogue newEpilogue, int outputOperand) {
        return new GemmProblem(
                dtype,
                m,
                n,
                k,
                aMatrix,
                bMatrix,
                transA,
                transB,
                panels,
                alpha,
                beta,
                cOperand,
                cRowStride,
                cColumnStride,
                outputOperand,
                newEpilogue);
    }
}
