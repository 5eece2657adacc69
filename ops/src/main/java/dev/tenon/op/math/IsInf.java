package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/**
 * Whether an element is infinite.
 *
 * @param detectNegative whether negative infinity counts
 * @param detectPositive whether positive infinity counts
 */
public record IsInf(boolean detectNegative, boolean detectPositive) implements Classification {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.classification("IsInf");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of another kind
     */
    public static IsInf of(Attributes a) {
        return new IsInf(a.flag("detect_negative", true), a.flag("detect_positive", true));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("detect_negative", detectNegative, true)
                .unless("detect_positive", detectPositive, true);
    }

    @Override
    public boolean test(double x) {
        return detectNegative && x == Double.NEGATIVE_INFINITY || detectPositive && x == Double.POSITIVE_INFINITY;
    }
}
