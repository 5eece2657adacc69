package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code log(1 + exp(x))}. */
public record Softplus() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Softplus", "X", "Y", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Softplus of(Attributes a) {
        return new Softplus();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.ulps(5);
    }

    @Override
    public double at(double x) {
        return Activations.softplus(x);
    }
}
