package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The arc sine in radians: NaN outside [-1, 1]. */
public record Asin() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Asin", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.asin(x);
    }
}
