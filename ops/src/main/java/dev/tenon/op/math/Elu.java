package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * {@code x} from 0 on, {@code alpha (exp(x) - 1)} below.
 *
 * @param alpha the negated limit at negative infinity
 */
public record Elu(float alpha) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("Elu", "X", "Y", 3);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static Elu of(Attributes a) {
        return new Elu(a.real("alpha", 1f));
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
        return x < 0 ? alpha * Math.expm1(x) : x;
    }
}
