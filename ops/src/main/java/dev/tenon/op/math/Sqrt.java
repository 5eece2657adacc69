package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** The square root: NaN below 0. */
public record Sqrt() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Sqrt", "X", "Y", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Sqrt of(Attributes a) {
        return new Sqrt();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.ROUNDED;
    }

    @Override
    public double at(double x) {
        return Math.sqrt(x);
    }
}
