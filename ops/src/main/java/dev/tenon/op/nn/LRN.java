package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
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
 * Local response normalisation across channels, the second axis: each element is divided by
 * {@code (bias + alpha / size * s) ^ beta}, where s is the sum of squares over the channels from
 * {@code c - floor((size - 1) / 2)} to {@code c + ceil((size - 1) / 2)} that exist.
 *
 * @param size the number of channels summed over, at least 1
 * @param alpha the weight of the sum
 * @param beta the exponent
 * @param bias added to the weighted sum
 */
public record LRN(long size, float alpha, float beta, float bias) implements Op {
    /** Input X of rank 2 or more, output Y of the same type. */
    public static final OpSchema SCHEMA = OpSchema.of("LRN")
            .input("X", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(8, 16));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if size is missing or less than 1
     */
    public static LRN of(Attributes a) {
        long size = a.integer("size", 0);
        if (size < 1) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), "attribute 'size' is " + size, "1 or more", null);
        }
        return new LRN(size, a.real("alpha", 1e-4f), a.real("beta", 0.75f), a.real("bias", 1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("size", size)
                .unless("alpha", alpha, 1e-4f)
                .unless("beta", beta, 0.75f)
                .unless("bias", bias, 1f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        TensorType x = c.tensor(0);
        if (x.shape().hasRank() && x.shape().rank() < 2) {
            throw c.error("X of shape " + x.shape(), "rank 2 or more", null);
        }
        return List.of(x);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        Lines channels = Lines.of(x.dims(), 1);
        for (long line = 0; line < (x.size() == 0 ? 0 : channels.count()); line++) {
            for (long channel = 0; channel < channels.length(); channel++) {
                long first = Math.max(0, channel - (size - 1) / 2);
                // A size larger than the number of channels must not overflow the sum.
                long last = Math.min(channels.length() - 1 - channel, size / 2) + channel;
                double squares = 0;
                for (long i = first; i <= last; i++) {
                    double v = x.getDouble(channels.at(line, i));
                    squares += v * v;
                }
                long at = channels.at(line, channel);
                y.setDouble(at, x.getDouble(at) / Math.pow(bias + (double) alpha / size * squares, beta));
            }
        }
        return List.of(y);
    }
}
