package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** The hyperbolic tangent. */
public record Tanh() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Tanh", "input", "output", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Tanh of(Attributes a) {
        return new Tanh();
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
        return Math.tanh(x);
    }
}
