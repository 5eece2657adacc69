package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import java.util.List;

/**
 * {@code a / b}. The quotient of integers is truncated towards zero. It is 0 for a divisor of 0, which the standard
 * does not define.
 */
public record Div() implements BinaryFunction {
    private static final OpSchema SCHEMA = Schemas.binary("Div").rounded();

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double a, double b) {
        return a / b;
    }

    @Override
    public long at(long a, long b, DType type) {
        return Integers.divide(a, b, type);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return SymbolicElements.combine(c, this, Div::quotient);
    }

    /** Floor and truncation agree if the operands are not negative. */
    private static Dim quotient(Dim a, Dim b) {
        return SymbolicElements.isNotNegative(a) && b.isKnown() && b.value() > 0 ? a.floorDiv(b) : null;
    }
}
