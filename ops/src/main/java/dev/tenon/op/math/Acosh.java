package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** The inverse hyperbolic cosine: NaN below 1. */
public record Acosh() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Acosh", "input", "output", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Acosh of(Attributes a) {
        return new Acosh();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.ulps(1);
    }

    @Override
    public double at(double x) {
        return InverseHyperbolic.acosh(x);
    }
}
