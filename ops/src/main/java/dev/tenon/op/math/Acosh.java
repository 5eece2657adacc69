package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The inverse hyperbolic cosine: NaN below 1. */
public record Acosh() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Acosh", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return InverseHyperbolic.acosh(x);
    }
}
