package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code a > b}. */
public record Greater() implements Comparison {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.comparison("Greater", Types.NUMBERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Greater of(Attributes a) {
        return new Greater();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return GREATER;
    }
}
