package dev.tenon.op.math;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;

/** {@code a <= b}. */
public record LessOrEqual() implements Comparison {
    /** Parameters. */
    public static final OpSchema SCHEMA = Schemas.comparison("LessOrEqual", Types.NUMBERS);

    /**
     * Makes the operator.
     *
     * @param a no attributes
     * @return the operator
     */
    public static LessOrEqual of(Attributes a) {
        return new LessOrEqual();
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return LESS | EQUAL;
    }
}
