package dev.tenon.op.math;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.DType;

/**
 * The remainder of a division. An integer remainder of a division by 0 is 0; the standard does not define it.
 *
 * @param fmod true for the sign of the dividend, like C's {@code fmod}; false for the sign of the divisor, which the
 *     standard's text allows for integers alone and its tests for floats too
 */
public record Mod(boolean fmod) implements BinaryFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.binary("Mod");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the attribute is neither 0 nor 1
     */
    public static Mod of(Attributes a) {
        long fmod = a.integer("fmod", 0);
        if (fmod != 0 && fmod != 1) {
            throw new InvalidOperandException("Mod", "fmod " + fmod, "0 or 1", null);
        }
        return new Mod(fmod == 1);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("fmod", fmod, false);
    }

    @Override
    public double at(double a, double b) {
        double r = a % b;
        if (fmod) {
            return r;
        }
        return r == 0 ? Math.copySign(0, b) : r < 0 != b < 0 ? r + b : r;
    }

    @Override
    public long at(long a, long b, DType type) {
        long r = Integers.remainder(a, b, type);
        return !fmod && type.isSigned() && r != 0 && (r ^ b) < 0 ? r + b : r;
    }
}
