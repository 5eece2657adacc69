package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code a < b}. */
public record Less() implements Comparison {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.comparison("Less", Types.NUMBERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static Less of(Attributes a) {
        return new Less();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return LESS;
    }
}
