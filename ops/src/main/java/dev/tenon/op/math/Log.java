package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The natural logarithm: NaN below 0, negative infinity at 0. */
public record Log() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Log", "input", "output", 2);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.log(x);
    }
}
