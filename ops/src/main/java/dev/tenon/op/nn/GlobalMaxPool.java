package dev.tenon.op.nn;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The maximum of each channel of each instance over all axes after the second; negative infinity if there are no
 * elements, NaN if an element is NaN.
 */
public record GlobalMaxPool() implements Op {
    /** Input X [n, c, ...], output Y [n, c, 1, ...]. */
    private static final OpSchema SCHEMA =
            OpSchema.of("GlobalMaxPool").input("X", "T").output("Y", "T").where("T", Types.FLOATS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(Channels.inferGlobalPool(c));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), type.shape().toArray());
        long pixels = y.size() == 0 ? 0 : x.size() / y.size();
        for (long channel = 0; channel < y.size(); channel++) {
            double value = Double.NEGATIVE_INFINITY;
            for (long i = channel * pixels; i < (channel + 1) * pixels; i++) {
                value = Math.max(value, x.getDouble(i));
            }
            y.setDouble(channel, value);
        }
        return List.of(y);
    }
}
