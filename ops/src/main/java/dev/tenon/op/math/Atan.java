package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The arc tangent in radians. */
public record Atan() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Atan", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.atan(x);
    }
}
