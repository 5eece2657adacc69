package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/**
 * {@code x / (1 + exp(-alpha x))}. Negative infinity gives NaN, as the formula does.
 *
 * @param alpha the factor of the argument of the logistic function
 */
public record Swish(float alpha) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Swish", "X", "Y").numerics(new Numerics(4, 4));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static Swish of(Attributes a) {
        return new Swish(a.real("alpha", 1f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("alpha", alpha, 1f);
    }

    @Override
    public double at(double x) {
        return x * Activations.sigmoid((double) alpha * x);
    }
}
