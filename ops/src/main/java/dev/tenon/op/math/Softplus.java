package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code log(1 + exp(x))}. */
public record Softplus() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Softplus", "X", "Y", 5);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Activations.softplus(x);
    }
}
