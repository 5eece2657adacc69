package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** Whether an element is NaN. */
public record IsNaN() implements Classification {
    private static final OpSchema SCHEMA = Schemas.classification("IsNaN");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public boolean test(double x) {
        return Double.isNaN(x);
    }
}
