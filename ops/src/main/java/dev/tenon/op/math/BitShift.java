package dev.tenon.op.math;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;

/**
 * The bits of the first operand shifted by the second. Bits shifted beyond the element type are lost, and zeros are
 * shifted in. A shift by the width of the type or more gives 0.
 *
 * @param direction {@code LEFT} towards higher bits or {@code RIGHT} towards lower ones
 */
public record BitShift(String direction) implements BitwiseFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = OpSchema.of("BitShift")
            .input("X", "T")
            .input("Y", "T")
            .output("Z", "T")
            .where("T", Types.UNSIGNED);

    private static final String LEFT = "LEFT";
    private static final String RIGHT = "RIGHT";

    /**
     * Checks the attribute.
     *
     * @param direction {@code LEFT} or {@code RIGHT}
     * @throws InvalidOperandException if it is anything else
     */
    public BitShift {
        if (!LEFT.equals(direction) && !RIGHT.equals(direction)) {
            throw new InvalidOperandException("BitShift", "direction '" + direction + "'", "'LEFT' or 'RIGHT'", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the direction is neither {@code LEFT} nor {@code RIGHT}, or absent
     */
    public static BitShift of(Attributes a) {
        return new BitShift(a.string("direction", null));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("direction", direction);
    }

    @Override
    public long at(long a, long b, DType type) {
        if (b < 0 || b >= type.bits()) {
            return 0;
        }
        return direction.equals(LEFT) ? a << b : a >>> b;
    }
}
