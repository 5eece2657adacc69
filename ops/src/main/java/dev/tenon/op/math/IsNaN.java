package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;

/** Whether an element is NaN. */
public record IsNaN() implements Classification {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.classification("IsNaN");

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static IsNaN of(Attributes a) {
        return new IsNaN();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public boolean test(double x) {
        return Double.isNaN(x);
    }
}
