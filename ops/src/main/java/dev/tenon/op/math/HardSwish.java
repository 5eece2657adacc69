package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code x max(0, min(1, x / 6 + 1/2))}. Negative infinity gives NaN, as the formula does. */
public record HardSwish() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("HardSwish", "X", "Y", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static HardSwish of(Attributes a) {
        return new HardSwish();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.ulps(2);
    }

    @Override
    public double at(double x) {
        return x * (Activations.clamp(x + 3, 0, 6) / 6);
    }
}
