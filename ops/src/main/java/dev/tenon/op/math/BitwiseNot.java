package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** Every bit inverted. */
public record BitwiseNot() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("BitwiseNot", "X", "Y", Types.INTEGERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static BitwiseNot of(Attributes a) {
        return new BitwiseNot();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.EXACT;
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
