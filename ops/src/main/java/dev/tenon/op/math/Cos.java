package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The cosine of radians; NaN for infinities. */
public record Cos() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Cos", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.cos(x);
    }
}
