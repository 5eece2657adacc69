package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/** {@code x} from 0 on, {@code slope x} below; the slope is broadcast to the shape of {@code x}. */
public record PRelu() implements BinaryFunction {
    private static final Set<DType> TYPES =
            Types.union(Types.FLOATS, Types.set(DType.INT32, DType.INT64, DType.UINT32, DType.UINT64));

    private static final OpSchema SCHEMA = OpSchema.of("PRelu")
            .input("X", "T")
            .input("slope", "T")
            .output("Y", "T")
            .where("T", TYPES)
            .rounded();

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape x = c.shape(0);
        Shape slope = c.shape(1);
        boolean fits = !x.hasRank() || !slope.hasRank() || slope.rank() <= x.rank();
        for (int i = 1; fits && x.hasRank() && slope.hasRank() && i <= slope.rank(); i++) {
            Dim s = slope.dim(slope.rank() - i);
            Dim d = x.dim(x.rank() - i);
            fits = !s.isKnown() || s.value() == 1 || !d.isKnown() || s.equals(d);
        }
        if (!fits) {
            throw c.error("slope of shape " + slope, "shapes that broadcast to " + x, null);
        }
        return List.of(new TensorType(c.dtype(0), x));
    }

    @Override
    public double at(double x, double slope) {
        return x < 0 ? slope * x : x;
    }

    @Override
    public long at(long x, long slope, DType type) {
        return x < 0 && type.isSigned() ? slope * x : x;
    }
}
