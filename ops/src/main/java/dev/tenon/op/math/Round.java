package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The nearest integer; of two, the even one. */
public record Round() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Round", "X", "Y");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.rint(x);
    }
}
