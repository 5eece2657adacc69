package dev.tenon.op.math;

import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** The sum of the operands divided by their number. */
public record Mean() implements BinaryFunction {
    private static final OpSchema SCHEMA =
            Schemas.variadic("Mean", "mean", Types.FLOATS).numerics(Numerics.sum(4));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double a, double b) {
        return a + b;
    }

    @Override
    public double finish(double combined, int operands) {
        return combined / operands;
    }
}
