package dev.tenon.op.math;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/**
 * x times the normal distribution function, {@code x (1 + erf(x / sqrt(2))) / 2}, or its approximation
 * {@code x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2}: D. Hendrycks and K. Gimpel, Gaussian Error Linear Units
 * (2016). Negative infinity gives NaN, as the formulas do.
 *
 * @param approximate {@code none} or {@code tanh}
 */
public record Gelu(String approximate) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Gelu", "X", "Y").numerics(new Numerics(4, 4));

    private static final String EXACT = "none";
    private static final String TANH = "tanh";
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
    private static final double CUBE = 0.044715;

    /**
     * Checks the attribute.
     *
     * @param approximate {@code none} or {@code tanh}
     * @throws InvalidOperandException if it is anything else
     */
    public Gelu {
        if (!approximate.equals(EXACT) && !approximate.equals(TANH)) {
            throw new InvalidOperandException("Gelu", "approximate '" + approximate + "'", "'none' or 'tanh'", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the attribute is neither {@code none} nor {@code tanh}
     */
    public static Gelu of(Attributes a) {
        return new Gelu(a.string("approximate", EXACT));
    }

    /**
     * Tells whether the approximation by tanh is asked for.
     *
     * @return false for the formula with erf
     */
    public boolean byTanh() {
        return approximate.equals(TANH);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("approximate", approximate, EXACT);
    }

    @Override
    public double at(double x) {
        return byTanh()
                ? x * Activations.sigmoid(2 * SQRT_2_OVER_PI * (x + CUBE * x * x * x))
                : x / 2 * ErrorFunction.complement(-x / Math.sqrt(2));
    }
}
