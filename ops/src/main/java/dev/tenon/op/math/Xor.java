package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** Whether exactly one is true. */
public record Xor() implements LogicalFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.comparison("Xor", Types.BOOL);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Xor of(Attributes a) {
        return new Xor();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int table() {
        return 0b0110;
    }
}
