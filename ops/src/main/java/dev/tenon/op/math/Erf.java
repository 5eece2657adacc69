package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** The error function; of integers, truncated. */
public record Erf() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Erf", "input", "output", Types.NUMBERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Erf of(Attributes a) {
        return new Erf();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.ulps(6);
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
