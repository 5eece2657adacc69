package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** Whether one is true or both are. */
public record Or() implements LogicalFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.comparison("Or", Types.BOOL);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Or of(Attributes a) {
        return new Or();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int table() {
        return 0b1110;
    }
}
