package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The hyperbolic sine. */
public record Sinh() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Sinh", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.sinh(x);
    }
}
