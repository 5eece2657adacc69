package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The arc cosine in radians: NaN outside [-1, 1]. */
public record Acos() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Acos", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.acos(x);
    }
}
