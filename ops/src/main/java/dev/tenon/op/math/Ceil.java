package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The least integer that is not below {@code x}. */
public record Ceil() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Ceil", "X", "Y");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.ceil(x);
    }
}
