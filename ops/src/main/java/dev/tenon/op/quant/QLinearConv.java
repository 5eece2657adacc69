package dev.tenon.op.quant;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.Convolution;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Convolution of quantised numbers, quantised again: {@code y = saturate(round_half_even(s * (x_scale * w_scale /
 * y_scale)) + y_zero_point)}. Here s is the sum of products minus zero points plus the bias, in int32 with wrap-around.
 * The factor and its product with s are float32. Padding counts as the zero point. The bias is in units of
 * {@code x_scale * w_scale}.
 *
 * @param window how the kernel slides
 * @param group the number of groups of channels, at least 1
 */
public record QLinearConv(WindowAttributes window, long group) implements Op {
    /**
     * Inputs x [n, c, ...] and w [m, c / group, ...], each followed by its scale and zero point. Those of x are
     * scalars; those of w are scalars or [m]. Then scale and zero point of the output y, scalars, and optionally the
     * bias [m].
     */
    public static final OpSchema SCHEMA = OpSchema.of("QLinearConv")
            .input("x", "T1")
            .input("x_scale", "S")
            .input("x_zero_point", "T1")
            .input("w", "T2")
            .input("w_scale", "S")
            .input("w_zero_point", "T2")
            .input("y_scale", "S")
            .input("y_zero_point", "T3")
            .optional("B", "T4")
            .output("y", "T3")
            .where("S", Types.FLOAT32)
            .where("T1", Quantized.BYTES)
            .where("T2", Quantized.BYTES)
            .where("T3", Quantized.BYTES)
            .where("T4", Types.set(DType.INT32));

    private static final int[] SINGLE = {1, 2, 6, 7};
    private static final int WEIGHTS = 3;
    private static final int BIAS = 8;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static QLinearConv of(Attributes a) {
        return new QLinearConv(WindowAttributes.of(SCHEMA, a), Convolution.group(SCHEMA, a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return window.attributes().unless("group", group, 1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        for (int i : SINGLE) {
            OperandShape.of(c, i).single();
        }
        Shape w = c.shape(WEIGHTS);
        Dim channels = w.hasRank() && w.rank() > 0 ? w.dim(0) : null;
        for (int i = WEIGHTS + 1; i <= WEIGHTS + 2; i++) {
            Shape s = c.shape(i);
            if (!s.isKnown() || s.knownElements() != 1) {
                OperandShape.of(c, i).is(channels);
            }
        }
        if (c.has(BIAS)) {
            OperandShape.of(c, BIAS).is(channels);
        }
        return List.of(new TensorType(c.dtype(7), Convolution.infer(c, c.shape(0), w, window, group)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(type.dtype(), type.shape().toArray());
        Tensor sums = Tensor.allocate(DType.INT32, y.dims());
        Tensor x = ConvInteger.centred(in.tensor(0), in.tensor(2));
        Tensor w = ConvInteger.centred(in.tensor(WEIGHTS), in.tensor(WEIGHTS + 2));
        Convolution.compute(window, group, x, w, null, sums);
        float scale = in.tensor(1).getFloat(0);
        Tensor scales = in.tensor(WEIGHTS + 1);
        float unit = in.tensor(6).getFloat(0);
        float zero = in.tensor(7).getLong(0);
        long plane = y.size() == 0 ? 1 : y.size() / y.dim(0) / y.dim(1);
        for (long i = 0; i < y.size(); i++) {
            long channel = i / plane % y.dim(1);
            float factor = scale * scales.getFloat(scales.size() == 1 ? 0 : channel) / unit;
            int sum = (int) (sums.getLong(i) + (in.has(BIAS) ? in.tensor(BIAS).getLong(channel) : 0));
            Quantized.store(y, i, sum * factor, zero, true);
        }
        return List.of(y);
    }
}
