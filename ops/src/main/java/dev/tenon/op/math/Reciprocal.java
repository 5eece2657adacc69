package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code 1 / x}. */
public record Reciprocal() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Reciprocal", "X", "Y", 0.5);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return 1 / x;
    }
}
