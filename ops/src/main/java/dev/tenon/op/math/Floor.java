package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The greatest integer that is not above {@code x}. */
public record Floor() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Floor", "X", "Y");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.floor(x);
    }
}
