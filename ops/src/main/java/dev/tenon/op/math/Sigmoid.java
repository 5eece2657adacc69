package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code 1 / (1 + exp(-x))}. */
public record Sigmoid() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Sigmoid", "X", "Y", 3);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Activations.sigmoid(x);
    }
}
