package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code a >= b}. */
public record GreaterOrEqual() implements Comparison {
    private static final OpSchema SCHEMA = Schemas.comparison("GreaterOrEqual");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return GREATER | EQUAL;
    }
}
