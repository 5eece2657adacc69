package dev.tenon.kernel.gemm;

/**
 * The matrices that are multiplied with each other.
 *
 * @param aMatrix for each product, the index of its A in the stack of left operands
 * @param bMatrix for each product, the index of its B in the stack of right operands
 * @param transA whether A is stored transposed, [k,m]
 * @param transB whether B is stored transposed, [n,k]
 */
public record MatrixStack(int[] aMatrix, int[] bMatrix, boolean transA, boolean transB) {
    /**
     * One product.
     *
     * @param transA whether A is stored transposed, [k,m]
     * @param transB whether B is stored transposed, [n,k]
     * @return the stack
     */
    public static MatrixStack single(boolean transA, boolean transB) {
        return new MatrixStack(new int[1], new int[1], transA, transB);
    }
}
