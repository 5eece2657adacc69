package dev.tenon.kernel.gemm;

/**
 * A matrix C that is added to a product. Strides count elements.
 *
 * @param beta the factor of C
 * @param operand the index of C among the operands, or -1 if there is none
 * @param rowStride elements from a row of C to the next; 0 broadcasts one row
 * @param columnStride elements from a column of C to the next; 0 broadcasts one column
 */
public record Addend(float beta, int operand, int rowStride, int columnStride) {
    /** Nothing is added. */
    public static final Addend NONE = new Addend(0, -1, 0, 0);

    /**
     * One row that is added to every row of the product.
     *
     * @param operand its index among the operands
     * @return the addend
     */
    public static Addend row(int operand) {
        return new Addend(1, operand, 0, 1);
    }
}
