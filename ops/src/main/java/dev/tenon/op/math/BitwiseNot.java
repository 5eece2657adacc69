package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** All bits inverted. */
public record BitwiseNot() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("BitwiseNot", "X", "Y", Types.INTEGERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        throw new UnsupportedOperationException(SCHEMA + " takes integers");
    }

    @Override
    public long at(long x, DType type) {
        return ~x;
    }
}
