package dev.tenon.op.math;

import dev.tenon.op.OpSchema;

/** Whether exactly one is true. */
public record Xor() implements LogicalFunction {
    private static final OpSchema SCHEMA = Schemas.logic("Xor");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int table() {
        return 0b0110;
    }
}
