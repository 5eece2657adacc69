package dev.tenon.op.quant;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
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
 * Convolution of 8-bit integers minus their zero points, in int32 with wrap-around. Padding counts as the zero point.
 *
 * @param window how the kernel slides
 * @param group the number of groups of channels, at least 1
 */
public record ConvInteger(WindowAttributes window, long group) implements Op {
    /** Inputs x [n, c, ...], w [m, c / group, ...], optionally x_zero_point (scalar), w_zero_point (scalar or [m]). */
    public static final OpSchema SCHEMA = OpSchema.of("ConvInteger")
            .input("x", "T1")
            .input("w", "T2")
            .optional("x_zero_point", "T1")
            .optional("w_zero_point", "T2")
            .output("y", "T3")
            .where("T1", Quantized.BYTES)
            .where("T2", Quantized.BYTES)
            .where("T3", Types.set(DType.INT32));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if a value is not allowed
     */
    public static ConvInteger of(Attributes a) {
        return new ConvInteger(WindowAttributes.of(SCHEMA, a), Convolution.group(SCHEMA, a));
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
        if (c.has(2) && c.shape(2).isKnown() && c.shape(2).knownElements() != 1) {
            throw c.error("x_zero_point of shape " + c.shape(2), "a scalar", null);
        }
        Shape w = c.shape(1);
        if (c.has(3) && c.shape(3).isKnown() && c.shape(3).knownElements() != 1 && w.hasRank() && w.rank() > 0) {
            Dim channels = w.dim(0);
            boolean fits = c.shape(3).rank() == 1
                    && (!channels.isKnown() || channels.value() == c.shape(3).knownElements());
            if (!fits) {
                throw c.error("w_zero_point of shape " + c.shape(3), "a scalar, or [" + channels + "]", null);
            }
        }
        return List.of(new TensorType(DType.INT32, Convolution.infer(c, c.shape(0), w, window, group)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(type.dtype(), type.shape().toArray());
        Tensor x = centred(in.tensor(0), in.tensorOrNull(2));
        Tensor w = centred(in.tensor(1), in.tensorOrNull(3));
        Convolution.compute(window, group, x, w, null, y);
        return List.of(y);
    }

    /** Integers minus their zero points. There is one zero point, or one for each index along the first axis. */
    static Tensor centred(Tensor t, Tensor zeroPoint) {
        Tensor result = Tensor.allocate(DType.INT32, t.dims());
        for (long i = 0; i < t.size(); i++) {
            long zero = 0;
            if (zeroPoint != null) {
                zero = zeroPoint.getLong(zeroPoint.size() == 1 ? 0 : i / (t.size() / t.dim(0)));
            }
            result.setLong(i, t.getLong(i) - zero);
        }
        return result;
    }
}
