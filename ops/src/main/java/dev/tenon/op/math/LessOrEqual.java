package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** {@code a <= b}. */
public record LessOrEqual() implements Comparison {
    private static final OpSchema SCHEMA = Schemas.comparison("LessOrEqual");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return LESS | EQUAL;
    }
}
