package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** {@code max(0, x)}; NaN stays. */
public record Relu() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Relu", "X", "Y", Types.union(Types.SIGNED, Types.FLOATS));

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Relu of(Attributes a) {
        return new Relu();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Numerics numerics() {
        return Numerics.EXACT;
    }

    @Override
    public double at(double x) {
        return x < 0 ? 0 : x;
    }

    @Override
    public long at(long x, DType type) {
        return x < 0 ? 0 : x;
    }
}
