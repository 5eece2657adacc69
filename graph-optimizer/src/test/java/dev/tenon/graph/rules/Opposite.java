package dev.tenon.graph.rules;

import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;

/** {@code -x}, as an operator that a user has written. */
public record Opposite() implements UnaryFunction {
    @Override
    public OpSchema schema() {
        return new Neg().schema();
    }

    @Override
    public Numerics numerics() {
        return Numerics.EXACT;
    }

    @Override
    public double at(double x) {
        return -x;
    }

    @Override
    public long at(long x, DType type) {
        return -x;
    }
}
