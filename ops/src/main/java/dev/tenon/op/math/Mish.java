package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code x tanh(log(1 + exp(x)))}. Negative infinity gives NaN, as the formula does. */
public record Mish() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Mish", "X", "Y", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Mish of(Attributes a) {
        return new Mish();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return new Numerics(4, 4);
    }

    @Override
    public double at(double x) {
        return x * Math.tanh(Activations.softplus(x));
    }
}
