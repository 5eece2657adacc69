package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code x max(0, min(1, x / 6 + 1/2))}. Negative infinity gives NaN, as the formula does. */
public record HardSwish() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("HardSwish", "X", "Y", 2);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return x * (Activations.clamp(x + 3, 0, 6) / 6);
    }
}
