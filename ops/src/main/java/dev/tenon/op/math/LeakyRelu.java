package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * {@code x} from 0 on, {@code alpha x} below.
 *
 * @param alpha the slope below 0
 */
public record LeakyRelu(float alpha) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.unary("LeakyRelu", "X", "Y", 0.5);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static LeakyRelu of(Attributes a) {
        return new LeakyRelu(a.real("alpha", 0.01f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("alpha", alpha, 0.01f);
    }

    @Override
    public double at(double x) {
        return x < 0 ? alpha * x : x;
    }
}
