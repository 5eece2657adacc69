package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** The sum of the operands. */
public record Sum() implements BinaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.variadic("Sum", "sum", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Sum of(Attributes a) {
        return new Sum();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.sum(4);
    }

    @Override
    public double at(double a, double b) {
        return a + b;
    }

    @Override
    public long at(long a, long b, DType type) {
        return a + b;
    }
}
