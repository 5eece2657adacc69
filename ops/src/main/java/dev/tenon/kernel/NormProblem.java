package dev.tenon.kernel;

/**
 * Normalisation of contiguous rows of float32.
 *
 * @param kind what is done to a row
 * @param rows the number of rows
 * @param length the elements of a row, at least 1; also those of scale and bias
 * @param epsilon added to the variance or mean square
 * @param bias whether the third operand is there
 * @param output the index of the output Y among the operands, which Mean and InvStdDev may follow
 */
public record NormProblem(Kind kind, long rows, long length, float epsilon, boolean bias, int output) {
    /** What is done to a row. */
    public enum Kind {
        /** LayerNormalization. */
        LAYER,
        /** RMSNormalization. */
        RMS
    }
}
