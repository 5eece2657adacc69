package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The square root: NaN below 0. */
public record Sqrt() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Sqrt", "X", "Y", 0.5);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.sqrt(x);
    }
}
