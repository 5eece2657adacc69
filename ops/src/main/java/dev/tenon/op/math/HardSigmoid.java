package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * {@code alpha x + beta}, clamped to [0, 1]; NaN stays NaN.
 *
 * @param alpha the slope
 * @param beta the value at 0
 */
public record HardSigmoid(float alpha, float beta) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("HardSigmoid", "X", "Y", 1);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static HardSigmoid of(Attributes a) {
        return new HardSigmoid(a.real("alpha", 0.2f), a.real("beta", 0.5f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("alpha", alpha, 0.2f).unless("beta", beta, 0.5f);
    }

    @Override
    public double at(double x) {
        return Activations.clamp((double) alpha * x + beta, 0, 1);
    }
}
