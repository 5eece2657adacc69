package dev.tenon.kernel.norm;

import dev.tenon.tensor.TensorType;

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

    /** Whether an operand has exactly the elements of a row, in the same order. */
    public static boolean covers(TensorType type, long[] dims, int axis) {
        long[] row = type.shape().toArray();
        for (int i = 1; i <= Math.max(row.length, dims.length - axis); i++) {
            long d = i <= row.length ? row[row.length - i] : 1;
            long expected = i <= dims.length - axis ? dims[dims.length - i] : 1;
            if (d != expected) {
                return false;
            }
        }
        return true;
    }
}
