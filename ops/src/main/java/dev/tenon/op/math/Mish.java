package dev.tenon.op.math;

import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/** {@code x tanh(log(1 + exp(x)))}. Negative infinity gives NaN, as the formula does. */
public record Mish() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Mish", "X", "Y").numerics(new Numerics(4, 4));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return x * Math.tanh(Activations.softplus(x));
    }
}
