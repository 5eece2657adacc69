package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.Dim;
import java.util.List;

/** {@code a == b}. Strings are equal if their bytes are; NaN equals nothing. */
public record Equal() implements Comparison {
    private static final OpSchema SCHEMA = Schemas.comparison("Equal", Schemas.COMPARABLE);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public int orders() {
        return EQUAL;
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return SymbolicElements.zip(SymbolicElements.elements(c, 0), SymbolicElements.elements(c, 1), Equal::compare);
    }

    private static Dim compare(Dim a, Dim b) {
        Dim difference = a.minus(b);
        return difference.isKnown() ? Dim.of(difference.value() == 0 ? 1 : 0) : null;
    }
}
