package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** Bit by bit, whether one is 1 or both are. */
public record BitwiseOr() implements BitwiseFunction {
    private static final OpSchema SCHEMA = Schemas.binary("BitwiseOr", Types.INTEGERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public long at(long a, long b, DType type) {
        return a | b;
    }
}
