package dev.tenon.op.nn;

import dev.tenon.op.InferContext;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;

/** Functions of tensors [n, c, ...] of instances and channels. */
final class Channels {
    private Channels() {}

    /** The type of an operator whose inputs are [n, c, ...], [c], [c] and whose output has the type of the first. */
    static TensorType infer(InferContext c) {
        TensorType x = c.tensor(0);
        Dim channels = checkRank(c, x.shape()) ? x.shape().dim(1) : c.freshDim();
        Broadcasting.checkVector(c, 1, "scale", channels);
        Broadcasting.checkVector(c, 2, "bias", channels);
        return x;
    }

    private static boolean checkRank(InferContext c, Shape x) {
        if (x.hasRank() && x.rank() < 2) {
            throw c.error("input 0 of shape " + x, "rank 2 or more: instances, channels, ...", null);
        }
        return x.hasRank();
    }

    /** The type of the result of pooling over all axes after the second. */
    static TensorType inferGlobalPool(InferContext c) {
        TensorType x = c.tensor(0);
        if (!checkRank(c, x.shape())) {
            return x;
        }
        Shape y = x.shape();
        for (int i = 2; i < y.rank(); i++) {
            y = y.withDim(i, Dim.of(1));
        }
        return new TensorType(x.dtype(), y);
    }

    /** Normalises each of a number of equal contiguous groups, then scales and shifts each element by its channel. */
    static Tensor normalize(Tensor x, long groups, long channels, Tensor scale, Tensor bias, double epsilon) {
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        if (y.size() == 0) {
            return y;
        }
        long length = x.size() / groups;
        long pixels = x.size() / (x.dim(0) * channels);
        for (long group = 0; group < groups; group++) {
            Moments moments = Moments.of(x, Lines.rows(groups, length), group);
            double deviation = Math.sqrt(moments.variance() + epsilon);
            for (long i = group * length; i < (group + 1) * length; i++) {
                long channel = i / pixels % channels;
                double normalized = (x.getDouble(i) - moments.mean()) / deviation;
                y.setDouble(i, scale.getDouble(channel) * normalized + bias.getDouble(channel));
            }
        }
        return y;
    }
}
