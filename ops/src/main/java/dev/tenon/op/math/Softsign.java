package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code x / (1 + |x|)}. */
public record Softsign() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Softsign", "input", "output", 2);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return x / (1 + Math.abs(x));
    }
}
