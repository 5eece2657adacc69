package dev.tenon.op.math;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code min(max(x, least), greatest)}. If the least exceeds the greatest, the result is the greatest. NaN stays NaN; a
 * bound that is absent or NaN has no effect.
 */
public record Clip() implements Elementwise {
    /** Parameters: the elements, and two bounds of one element each that may be absent. */
    private static final OpSchema SCHEMA = OpSchema.of("Clip")
            .input("input", "T")
            .optional("min", "T")
            .optional("max", "T")
            .output("output", "T")
            .where("T", Types.NUMBERS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        for (int i = 1; i < c.inputCount(); i++) {
            Shape bound = c.has(i) ? c.shape(i) : Shape.scalar();
            if (bound.hasRank() && bound.isKnown() && bound.knownElements() != 1) {
                throw c.error((i == 1 ? "min" : "max") + " of shape " + bound, "a scalar", null);
            }
        }
        return List.of(new TensorType(c.dtype(0), c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor least = in.tensorOrNull(1);
        Tensor greatest = in.tensorOrNull(2);
        Tensor y = Broadcast.allocate(in);
        for (long i = 0; i < y.size(); i++) {
            if (x.dtype().isFloating()) {
                double v = x.getDouble(i);
                v = least != null && v < least.getDouble(0) ? least.getDouble(0) : v;
                v = greatest != null && v > greatest.getDouble(0) ? greatest.getDouble(0) : v;
                y.setDouble(i, v);
            } else {
                long v = x.getLong(i);
                v = least != null && Integers.compare(v, least.getLong(0), x.dtype()) < 0 ? least.getLong(0) : v;
                v = greatest != null && Integers.compare(v, greatest.getLong(0), x.dtype()) > 0
                        ? greatest.getLong(0)
                        : v;
                y.setLong(i, v);
            }
        }
        return List.of(y);
    }
}
