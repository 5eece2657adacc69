package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** Every bit inverted. */
public record BitwiseNot() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("BitwiseNot", "X", "Y", Types.INTEGERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    /**
     * There is none: the schema admits integers only.
     *
     * @param x ignored
     * @return never
     * @throws UnsupportedOperationException always
     */
    @Override
    public double at(double x) {
        throw new UnsupportedOperationException("BitwiseNot takes integers");
    }

    @Override
    public long at(long x, DType type) {
        return ~x;
    }
}
