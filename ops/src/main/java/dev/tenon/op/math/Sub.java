package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import java.util.List;

/** {@code a - b}. */
public record Sub() implements BinaryFunction {
    private static final OpSchema SCHEMA = Schemas.binary("Sub").rounded();

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double a, double b) {
        return a - b;
    }

    @Override
    public long at(long a, long b, DType type) {
        return a - b;
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return SymbolicElements.combine(c, this, Dim::minus);
    }
}
