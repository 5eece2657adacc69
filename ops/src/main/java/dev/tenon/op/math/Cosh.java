package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The hyperbolic cosine. */
public record Cosh() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Cosh", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.cosh(x);
    }
}
