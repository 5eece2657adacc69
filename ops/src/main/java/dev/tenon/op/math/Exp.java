package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code e} to the power of {@code x}. */
public record Exp() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Exp", "input", "output", 2);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.exp(x);
    }
}
