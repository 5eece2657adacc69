package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code 1 / (1 + exp(-x))}. */
public record Sigmoid() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Sigmoid", "X", "Y", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Sigmoid of(Attributes a) {
        return new Sigmoid();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.ulps(3);
    }

    @Override
    public double at(double x) {
        return Activations.sigmoid(x);
    }
}
