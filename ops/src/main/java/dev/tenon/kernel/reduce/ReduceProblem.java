package dev.tenon.kernel.reduce;

import dev.tenon.op.reduce.Reduction.Kind;

/**
 * A reduction of float32 with the shape {@code [outer, middle, columns, depth]}, whose dimensions middle and depth are
 * reduced. Output {@code [o, c]} is made of all elements {@code [o, m, c, d]}. If there is one column, middle is 1 too:
 * both reduced dimensions are then merged into depth.
 *
 * @param kind the kind of reduction
 * @param outer the first dimension that is kept
 * @param middle the first dimension that is reduced
 * @param columns the second dimension that is kept
 * @param depth the second dimension that is reduced, contiguous
 * @param input the index of the data among the operands
 * @param output the index of the output among the operands
 */
public record ReduceProblem(Kind kind, long outer, long middle, long columns, long depth, int input, int output) {
    /**
     * The elements that make one output.
     *
     * @return middle times depth
     */
    public long elementsPerOutput() {
        return middle * depth;
    }

    /**
     * The contiguous elements of one index of the outer dimension.
     *
     * @return middle times columns times depth
     */
    public long elementsPerOuter() {
        return middle * columns * depth;
    }

    /**
     * Computes an output from the sum that its kind needs.
     *
     * @param sum the sum of elements, of their absolute values, or of their squares
     * @return the output
     */
    public double finish(double sum) {
        return switch (kind) {
            case MEAN -> sum / elementsPerOutput();
            case L2 -> Math.sqrt(sum);
            case LOG_SUM -> Math.log(sum);
            default -> sum;
        };
    }

    /**
     * Computes an output of kind {@link Kind#LOG_SUM_EXP}.
     *
     * @param max the greatest element; NaN if an element is NaN
     * @param sum the sum of {@code exp(x - max)} over all elements x; any number if max is not finite
     * @return the output
     */
    public static double logSumExp(double max, double sum) {
        return Double.isFinite(max) ? max + Math.log(sum) : max;
    }
}
