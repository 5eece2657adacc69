package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import java.util.List;

/** The greatest of the operands; NaN if one is NaN. */
public record Max() implements BinaryFunction {
    private static final OpSchema SCHEMA = Schemas.variadic("Max", "max", Types.NUMBERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double a, double b) {
        return Math.max(a, b);
    }

    @Override
    public long at(long a, long b, DType type) {
        return Integers.compare(a, b, type) >= 0 ? a : b;
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return SymbolicElements.combine(c, this, Dim::max);
    }
}
