package dev.tenon.kernel.tabular;

import dev.tenon.tensor.DType;

/**
 * The rows of a matrix divided by their norms. Rows whose norm is 0 stay as they are. The results are float32.
 *
 * @param rows the number of rows
 * @param columns the length of a row
 * @param dtype the element type of the matrix
 * @param norm the norm
 */
public record NormalizerProblem(long rows, long columns, DType dtype, Norm norm) {
    /** A norm of a row. */
    public enum Norm {
        /** The greatest element, which may be negative. */
        MAX,
        /** The sum of the absolute values. */
        L1,
        /** The root of the sum of the squares. */
        L2
    }
}
