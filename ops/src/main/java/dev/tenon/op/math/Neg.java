package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import java.util.List;

/** {@code -x}; the least integer is unchanged. */
public record Neg() implements UnaryFunction {
    private static final OpSchema SCHEMA = Schemas.unary("Neg", "X", "Y", Types.union(Types.SIGNED, Types.FLOATS));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double at(double x) {
        return -x;
    }

    @Override
    public long at(long x, DType type) {
        return -x;
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return SymbolicElements.zip(SymbolicElements.elements(c, 0), List.of(Dim.of(0)), (x, zero) -> zero.minus(x));
    }
}
