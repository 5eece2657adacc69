package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** The inverse hyperbolic tangent: NaN outside [-1, 1]. */
public record Atanh() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Atanh", "input", "output", 1);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return InverseHyperbolic.atanh(x);
    }
}
