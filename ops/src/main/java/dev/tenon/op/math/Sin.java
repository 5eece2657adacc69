package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The sine of radians; NaN for infinities. */
public record Sin() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Sin", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.sin(x);
    }
}
