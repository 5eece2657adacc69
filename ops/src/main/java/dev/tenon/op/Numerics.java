package dev.tenon.op;

import dev.tenon.tensor.DType;

/**
 * The accuracy contract of an operator: the distance that is allowed between a result and the exact result of the same
 * operands. The bound for an element is
 *
 * <pre>  ulps * spacing(expected) + terms * epsilon * max(magnitude, floor)</pre>
 *
 * where spacing is the distance of neighbouring numbers of the element type at the expected value, epsilon is this
 * distance at 1, and magnitude is the largest absolute value that occurs while the element is computed. For a sum, it is
 * the sum of the absolute values of the terms. The floor is a magnitude that occurs for all operands: the elements of a
 * normalised row are of order 1, even if one of them is near 0. For reductions in any order see Higham, Accuracy and
 * Stability of Numerical Algorithms, section 4.2: the error is at most (n-1) * u * sum|x|; {@code terms} is far below n
 * since kernels sum in many lanes. Integers, booleans and strings are always exact.
 *
 * @param ulps units in the last place of the expected value, at least 0
 * @param terms units of epsilon relative to the magnitude, at least 0
 * @param floor the least magnitude, at least 0
 */
public record Numerics(double ulps, double terms, double floor) {
    /** Bit for bit: for copies, selections, comparisons, integer arithmetic. */
    public static final Numerics EXACT = new Numerics(0, 0);

    /** Correctly rounded: one IEEE operation. */
    public static final Numerics ROUNDED = new Numerics(0.5, 0);

    /**
     * A bound without a least magnitude.
     *
     * @param ulps units in the last place of the expected value, at least 0
     * @param terms units of epsilon relative to the magnitude, at least 0
     */
    public Numerics(double ulps, double terms) {
        this(ulps, terms, 0);
    }

    /**
     * A bound relative to the result.
     *
     * @param ulps units in the last place
     * @return the contract
     */
    public static Numerics ulps(double ulps) {
        return new Numerics(ulps, 0);
    }

    /**
     * A bound for sums of products and the like, in any order.
     *
     * @param terms units of epsilon relative to the sum of absolute values
     * @return the contract
     */
    public static Numerics sum(double terms) {
        return new Numerics(1, terms);
    }

    /**
     * The largest allowed absolute error of one element.
     *
     * @param type the element type of the result
     * @param expected the exact value
     * @param magnitude the largest absolute value that occurs while the element is computed
     * @return the bound, 0 for types that are not floating
     */
    public double tolerance(DType type, double expected, double magnitude) {
        if (!type.isFloating() || Double.isNaN(expected) || Double.isInfinite(expected)) {
            return 0;
        }
        return ulps * spacing(type, expected) + terms * type.epsilon() * Math.max(Math.abs(magnitude), floor);
    }

    private static double spacing(DType type, double value) {
        if (type == DType.FLOAT64) {
            return Math.ulp(value);
        }
        if (type == DType.FLOAT32) {
            return Math.ulp((float) value);
        }
        double power = Math.scalb(1.0, Math.getExponent(value));
        return Math.max(power, type == DType.FLOAT16 ? 0x1p-14 : Double.MIN_NORMAL) * type.epsilon();
    }
}
