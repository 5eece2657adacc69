package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** -1, 0 or 1; NaN for NaN. */
public record Sign() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Sign", "input", "output", Types.NUMBERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return Math.signum(x);
    }

    @Override
    public long at(long x, DType type) {
        return type == DType.UINT64 ? Long.signum(x >>> 1 | x & 1) : Long.signum(x);
    }
}
