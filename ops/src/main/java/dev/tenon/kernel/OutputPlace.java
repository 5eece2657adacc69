package dev.tenon.kernel;

/**
 * Where a kernel puts its results, and what it does with them.
 *
 * @param operand the index of the output among the operands
 * @param epilogue the work on finished blocks of the output, or null
 */
public record OutputPlace(int operand, TileEpilogue epilogue) {
    /**
     * An output that is only stored.
     *
     * @param operand the index of the output among the operands
     */
    public OutputPlace(int operand) {
        this(operand, null);
    }
}
