package dev.tenon.kernel.norm;

import dev.tenon.tensor.TensorType;

/**
 * Normalisation of contiguous rows of float32. Operands are the input, the scale, the bias or null, and the outputs.
 *
 * @param kind the kind of normalisation
 * @param rows the number of rows
 * @param length the elements of a row, at least 1; scale and bias have as many
 * @param epsilon added to the variance or to the mean square
 * @param bias whether there is a bias
 * @param output the index of the output Y among the operands; the outputs Mean and InvStdDev may follow
 */
public record NormProblem(Kind kind, long rows, long length, float epsilon, boolean bias, int output) {
    /** The kinds of normalisation. */
    public enum Kind {
        /** LayerNormalization: subtracts the mean, divides by the standard deviation. */
        LAYER,
        /** RMSNormalization: divides by the root of the mean square. */
        RMS
    }

    /**
     * Whether a scale or bias has the elements of a row and is not broadcast.
     *
     * @param type the type of the scale or bias
     * @param dims the dimensions of the input
     * @param axis the first axis of a row
     * @return true if the dimensions are those of the input from the axis on
     */
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
