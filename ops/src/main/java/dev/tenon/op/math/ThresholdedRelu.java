package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * {@code x} above a threshold, 0 elsewhere and for NaN.
 *
 * @param alpha the threshold
 */
public record ThresholdedRelu(float alpha) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("ThresholdedRelu", "X", "Y");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static ThresholdedRelu of(Attributes a) {
        return new ThresholdedRelu(a.real("alpha", 1f));
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
        return x > alpha ? x : 0;
    }
}
