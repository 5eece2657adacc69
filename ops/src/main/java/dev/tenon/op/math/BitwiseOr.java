package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** The bits that at least one operand has. */
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
