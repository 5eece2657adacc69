package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code a < b}. */
public record Less() implements Comparison {
    private static final OpSchema SCHEMA = Schemas.comparison("Less");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return LESS;
    }
}
