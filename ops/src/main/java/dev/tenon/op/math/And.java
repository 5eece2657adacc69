package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** Whether both are true. */
public record And() implements LogicalFunction {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.comparison("And", Types.BOOL);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static And of(Attributes a) {
        return new And();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int table() {
        return 0b1000;
    }
}
