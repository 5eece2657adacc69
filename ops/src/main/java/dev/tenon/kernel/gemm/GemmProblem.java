package dev.tenon.kernel.gemm;

import dev.tenon.kernel.OutputPlace;
import dev.tenon.tensor.DType;

/**
 * A stack of matrix products {@code Y = alpha * A * B + beta * C}. Matrices are row-major.
 *
 * @param dtype the element type of all operands
 * @param size the size of each product
 * @param stack the matrices of each product
 * @param panels the element type of the panels in which B is packed; null if B is not packed
 * @param alpha the factor of the product
 * @param c what is added
 * @param y where the results go
 */
public record GemmProblem(
        DType dtype, ProductSize size, MatrixStack stack, DType panels, float alpha, Addend c, OutputPlace y)
        implements ProductProblem {
    /** {@return for each product, the index of its A} */
    public int[] aMatrix() {
        return stack.aMatrix();
    }

    /** {@return for each product, the index of its B} */
    public int[] bMatrix() {
        return stack.bMatrix();
    }

    /** {@return whether A is stored transposed} */
    public boolean transA() {
        return stack.transA();
    }

    /** {@return whether B is stored transposed} */
    public boolean transB() {
        return stack.transB();
    }

    /**
     * The number of products.
     *
     * @return at least 0
     */
    public int count() {
        return aMatrix().length;
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
        return c.operand() >= 0
                && c.rowStride() == 0
                && (c.columnStride() == 1 || n() == 1)
                && c.beta() == 1
                && alpha == 1;
    }

    /**
     * The same product with a bias row in place of C.
     *
     * @param biasOperand the index of the row among the operands
     * @return the problem
     */
    public GemmProblem withRowBias(int biasOperand) {
        return new GemmProblem(dtype, size, stack, panels, alpha, Addend.row(biasOperand), y);
    }

    /**
     * The same product with other work on its results.
     *
     * @param work where they go, and the work on finished blocks
     * @return the problem
     */
    public GemmProblem to(OutputPlace work) {
        return new GemmProblem(dtype, size, stack, panels, alpha, c, work);
    }
}
