package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * {@code max(0, x) + min(0, alpha (exp(x / alpha) - 1))}.
 *
 * @param alpha the negated limit at negative infinity; not 0
 */
public record Celu(float alpha) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Celu", "X", "Y", 4);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static Celu of(Attributes a) {
        return new Celu(a.real("alpha", 1f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("alpha", alpha, 1f);
    }

    @Override
    public double at(double x) {
        return Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
    }
}
