package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/**
 * {@code x + bias} below {@code -lambda}, {@code x - bias} above {@code lambda}, otherwise 0. Results for integers are
 * truncated.
 *
 * @param lambda the bound up to which elements become 0
 * @param bias how far the other elements are moved towards 0
 */
public record Shrink(float lambda, float bias) implements UnaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA =
            Schemas.unary("Shrink", "input", "output", Types.NUMBERS).rounded();

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static Shrink of(Attributes a) {
        return new Shrink(a.real("lambd", 0.5f), a.real("bias", 0f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("lambd", lambda, 0.5f).unless("bias", bias, 0f);
    }

    @Override
    public double at(double x) {
        return x < -lambda ? x + bias : x > lambda ? x - bias : 0;
    }

    @Override
    public long at(long x, DType type) {
        double real = type == DType.UINT64 && x < 0 ? x + 0x1p64 : x;
        boolean below = real < -lambda;
        if (!below && !(real > lambda)) {
            return 0;
        }
        // Exact, even for integers beyond the precision of double: the sum is rounded down, then towards zero.
        double shift = below ? bias : -bias;
        double whole = Math.floor(shift);
        return x + (long) whole + (shift != whole && real + shift < 0 ? 1 : 0);
    }
}
