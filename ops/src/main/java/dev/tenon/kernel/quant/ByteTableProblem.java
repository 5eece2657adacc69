package dev.tenon.kernel.quant;

/**
 * A function of bytes, given by a table of 256 bytes, the second operand.
 *
 * @param size the number of elements
 */
public record ByteTableProblem(long size) {
    /** The elements of a table. */
    public static final int ENTRIES = 256;
}
