package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code a > b}. */
public record Greater() implements Comparison {
    private static final OpSchema SCHEMA = Schemas.comparison("Greater");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return GREATER;
    }
}
