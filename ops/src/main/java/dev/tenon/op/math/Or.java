package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** Whether one is true or both are. */
public record Or() implements LogicalFunction {
    private static final OpSchema SCHEMA = Schemas.logic("Or");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int table() {
        return 0b1110;
    }
}
