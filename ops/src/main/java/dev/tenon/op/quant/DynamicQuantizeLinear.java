package dev.tenon.op.quant;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Quantises a tensor to uint8 by its own range, every step in float32:
 *
 * <pre>
 *  low = min(0, min(x)), high = max(0, max(x))
 *  y_scale = (high - low) / 255, or 1 if high equals low
 *  y_zero_point = round_half_even(saturate(0 - low / y_scale))
 *  y = saturate(round_half_even(x / y_scale) + y_zero_point)</pre>
 *
 * NaNs do not count for the range, and become 0.
 */
public record DynamicQuantizeLinear() implements Op {
    /** Input x; outputs y of its shape, and the scalars y_scale and y_zero_point. */
    private static final OpSchema SCHEMA = OpSchema.of("DynamicQuantizeLinear")
            .input("x", "T1")
            .output("y", "T2")
            .output("y_scale", "T1")
            .output("y_zero_point", "T2")
            .where("T1", Types.FLOAT32)
            .where("T2", Types.set(DType.UINT8));

    /**
     * The scale of a range.
     *
     * @param low the least value, at most 0
     * @param high the greatest value, at least 0
     * @return the scale
     */
    public static float scale(float low, float high) {
        return high == low ? 1 : (high - low) / 255f;
    }

    /**
     * The zero point of a range.
     *
     * @param low the least value, at most 0
     * @param scale the scale that {@link #scale} gives
     * @return a number from 0 to 255; 255 if {@code low / scale} is NaN
     */
    public static int zeroPoint(float low, float scale) {
        float exact = 0f - low / scale;
        return exact < 255f ? (int) Math.rint(Math.max(0f, exact)) : 255;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(
                new TensorType(DType.UINT8, c.shape(0)),
                new TensorType(DType.FLOAT32, Shape.scalar()),
                new TensorType(DType.UINT8, Shape.scalar()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        float low = 0;
        float high = 0;
        for (long i = 0; i < x.size(); i++) {
            float v = x.getFloat(i);
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
        float scale = scale(low, high);
        int zeroPoint = zeroPoint(low, scale);
        Tensor y = Tensor.allocate(DType.UINT8, x.dims());
        for (long i = 0; i < x.size(); i++) {
            Quantized.store(y, i, x.getFloat(i) / scale, zeroPoint, true);
        }
        return List.of(y, Tensor.scalar(scale), Tensor.convert(DType.UINT8, new long[] {zeroPoint}, new long[0]));
    }
}
