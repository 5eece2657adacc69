package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** Whether both are true. */
public record And() implements LogicalFunction {
    private static final OpSchema SCHEMA = Schemas.logic("And");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int table() {
        return 0b1000;
    }
}
