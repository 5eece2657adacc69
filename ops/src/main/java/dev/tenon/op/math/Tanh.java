package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The hyperbolic tangent. */
public record Tanh() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Tanh", "input", "output", 6);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.tanh(x);
    }
}
