package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** Bit by bit, whether one is 1 or both are. */
public record BitwiseOr() implements BitwiseFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.binary("BitwiseOr", Types.INTEGERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static BitwiseOr of(Attributes a) {
        return new BitwiseOr();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public long at(long a, long b, DType type) {
        return a | b;
    }
}
