package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** The sum of the operands divided by their number. */
public record Mean() implements BinaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.variadic("Mean", "mean", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Mean of(Attributes a) {
        return new Mean();
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

    @Override
    public double finish(double combined, int operands) {
        return combined / operands;
    }
}
