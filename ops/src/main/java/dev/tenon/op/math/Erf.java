package dev.tenon.op.math;

import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** The error function; its values for integers are truncated. */
public record Erf() implements UnaryFunction {
    private static final OpSchema SCHEMA =
            Schemas.unary("Erf", "input", "output", Types.NUMBERS).ulps(6);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return ErrorFunction.erf(x);
    }

    @Override
    public long at(long x, DType type) {
        return (long) ErrorFunction.erf(Integers.toDouble(x, type));
    }
}
