package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** {@code max(0, x)}; NaN for NaN. */
public record Relu() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Relu", "X", "Y", Types.union(Types.SIGNED, Types.FLOATS));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return x < 0 ? 0 : x;
    }

    @Override
    public long at(long x, DType type) {
        return x < 0 ? 0 : x;
    }
}
