package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** Bit by bit, whether exactly one is 1. */
public record BitwiseXor() implements BitwiseFunction {
    private static final OpSchema SCHEMA = Schemas.binary("BitwiseXor", Types.INTEGERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public long at(long a, long b, DType type) {
        return a ^ b;
    }
}
