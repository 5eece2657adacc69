package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The tangent of radians; NaN for infinities. */
public record Tan() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Tan", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.tan(x);
    }
}
