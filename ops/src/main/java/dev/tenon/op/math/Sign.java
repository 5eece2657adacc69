package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/** -1, 0 or 1; NaN for NaN. */
public record Sign() implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Sign", "input", "output", Types.NUMBERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Sign of(Attributes a) {
        return new Sign();
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
        return Math.signum(x);
    }

    @Override
    public long at(long x, DType type) {
        return type == DType.UINT64 ? Long.signum(x >>> 1 | x & 1) : Long.signum(x);
    }
}
