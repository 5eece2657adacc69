package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** {@code |x|}; the least signed integer is unchanged. */
public record Abs() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Abs", "X", "Y", Types.NUMBERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.abs(x);
    }

    @Override
    public long at(long x, DType type) {
        return type.isUnsigned() ? x : Math.abs(x);
    }
}
