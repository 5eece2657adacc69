package dev.tenon.kernel.quant;

/**
 * The sum of two tensors of bytes of the same shape, as QLinearAdd defines it. Its operands are those of QLinearAdd.
 *
 * @param size the number of elements
 * @param signed whether they are int8, else uint8
 * @param given which operands are given, a bit for each
 * @param output the operand that is the output
 */
public record QuantizedSumProblem(long size, boolean signed, int given, int output) {
    /** The operand that is the second tensor. */
    public static final int SECOND = 3;

    /** The operand that is the scale of the output. */
    public static final int SCALE = 6;

    /**
     * Whether an operand is given.
     *
     * @param operand its index
     * @return false if it is left out
     */
    public boolean has(int operand) {
        return (given >> operand & 1) != 0;
    }
}
