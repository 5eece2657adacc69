package dev.tenon.kernel.reduce;

/**
 * A reduction of float32 seen as [outer, middle, columns, depth], where middle and depth are reduced: each output
 * {@code [o, c]} is made of all {@code [o, m, c, d]}. With one column there is no middle either (it is part of depth).
 *
 * @param kind how elements are reduced
 * @param outer the first kept dimension
 * @param middle the first reduced one
 * @param columns the second kept one
 * @param depth the second reduced one, contiguous
 * @param input the index of the data among the operands
 * @param output the index of the output among the operands
 */
public record ReduceProblem(Kind kind, long outer, long middle, long columns, long depth, int input, int output) {
    /** How elements are reduced. */
    public enum Kind {
        /** The sum. */
        SUM,
        /** The sum divided by the number of elements. */
        MEAN,
        /** The greatest; NaN if one is. */
        MAX,
        /** The least; NaN if one is. */
        MIN,
        /** The product. */
        PROD,
        /** The sum of absolute values. */
        L1,
        /** The root of the sum of squares. */
        L2,
        /** The logarithm of the sum. */
        LOG_SUM,
        /** The logarithm of the sum of exponentials. */
        LOG_SUM_EXP,
        /** The sum of squares. */
        SUM_SQUARE
    }

    /**
     * The elements that make one output.
     *
     * @return their number
     */
    public long group() {
        return middle * depth;
    }

    /**
     * The elements of which the outputs of one index of the first kept dimension are made; they lie one behind the other.
     *
     * @return their number
     */
    public long line() {
        return middle * columns * depth;
    }

    /**
     * What follows the sum, for the kinds that sum something.
     *
     * @param sum a sum of elements, of their absolute values or squares
     * @return the output
     */
    public double finish(double sum) {
        return switch (kind) {
            case MEAN -> sum / group();
            case L2 -> Math.sqrt(sum);
            case LOG_SUM -> Math.log(sum);
            default -> sum;
        };
    }

    /**
     * What follows the sum of exponentials.
     *
     * @param max the greatest element, NaN if one is
     * @param sum the sum of exponentials of what elements differ from it by, of no account if it is not finite
     * @return the output
     */
    public static double logOfSumOfExp(double max, double sum) {
        return Double.isFinite(max) ? max + Math.log(sum) : max;
    }
}
