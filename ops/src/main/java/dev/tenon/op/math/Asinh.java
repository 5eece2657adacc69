package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The inverse hyperbolic sine. */
public record Asinh() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Asinh", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return InverseHyperbolic.asinh(x);
    }
}
