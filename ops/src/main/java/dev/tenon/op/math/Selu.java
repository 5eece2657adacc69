package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * {@code gamma x} above 0, {@code gamma alpha (exp(x) - 1)} below.
 *
 * @param alpha the factor below 0
 * @param gamma the factor everywhere
 */
public record Selu(float alpha, float gamma) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Selu", "X", "Y", 4);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static Selu of(Attributes a) {
        return new Selu(a.real("alpha", 1.6732632f), a.real("gamma", 1.050701f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("alpha", alpha, 1.6732632f).unless("gamma", gamma, 1.050701f);
    }

    @Override
    public double at(double x) {
        return x <= 0 ? (double) gamma * alpha * Math.expm1(x) : gamma * x;
    }
}
