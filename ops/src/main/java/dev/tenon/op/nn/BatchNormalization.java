package dev.tenon.op.nn;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Y = (X - mean) / sqrt(variance + epsilon) * scale + B} for each channel. The channels are the second axis of
 * X; a tensor of rank 1 is one channel. In inference the mean and the variance are operands. In training they are those
 * of X itself (the variance of the population), and the running ones are blended: {@code running = input * momentum +
 * current * (1 - momentum)}.
 *
 * @param epsilon added to the variance
 * @param momentum the weight of the operands in the running mean and variance
 * @param trainingMode whether to normalise by the statistics of X
 */
public record BatchNormalization(float epsilon, float momentum, boolean trainingMode) implements Op {
    /** Inputs X, scale, B, input_mean, input_var; outputs Y and, in training only, running_mean, running_var. */
    public static final OpSchema SCHEMA = OpSchema.of("BatchNormalization")
            .input("X", "T")
            .input("scale", "T1")
            .input("B", "T1")
            .input("input_mean", "T2")
            .input("input_var", "T2")
            .output("Y", "T")
            .optionalOutput("running_mean", "T2")
            .optionalOutput("running_var", "T2")
            .where("T", Types.FLOATS)
            .where("T1", Types.FLOATS)
            .where("T2", Types.FLOATS)
            .numerics(new Numerics(8, 16, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of the wrong kind
     */
    public static BatchNormalization of(Attributes a) {
        return new BatchNormalization(
                a.real("epsilon", 1e-5f), a.real("momentum", 0.9f), a.flag("training_mode", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("epsilon", epsilon, 1e-5f)
                .unless("momentum", momentum, 0.9f)
                .unless("training_mode", trainingMode, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        TensorType x = c.tensor(0);
        if (c.outputCount() > 1 && !trainingMode) {
            throw c.error(c.outputCount() + " outputs", "1 unless training_mode is 1", null);
        }
        if (x.shape().hasRank() && x.shape().rank() == 0) {
            throw c.error("X of shape []", "rank 1 or more", null);
        }
        Dim channels = channels(c, x.shape());
        for (int i = 1; i <= 4; i++) {
            Broadcasting.checkVector(c, i, SCHEMA.inputs().get(i).name(), channels);
        }
        TensorType running = new TensorType(c.dtype(3), c.shape(3).hasRank() ? c.shape(3) : Shape.of(channels));
        return List.<ValueType>of(x, running, running).subList(0, c.outputCount());
    }

    private static Dim channels(InferContext c, Shape x) {
        if (!x.hasRank()) {
            return c.freshDim();
        }
        return x.rank() == 1 ? Dim.of(1) : x.dim(1);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        Lines channels = x.rank() == 1 ? new Lines(x.size(), 1, 1) : Lines.of(x.dims(), 1);
        Tensor means = Tensor.allocate(in.tensor(3).dtype(), channels.length());
        Tensor variances = Tensor.allocate(in.tensor(4).dtype(), channels.length());
        for (long channel = 0; channel < channels.length(); channel++) {
            Moments moments = trainingMode
                    ? moments(x, channels, channel)
                    : new Moments(in.tensor(3).getDouble(channel), in.tensor(4).getDouble(channel));
            means.setDouble(channel, blend(in.tensor(3).getDouble(channel), moments.mean()));
            variances.setDouble(channel, blend(in.tensor(4).getDouble(channel), moments.variance()));
            double factor = in.tensor(1).getDouble(channel) / Math.sqrt(moments.variance() + epsilon);
            double bias = in.tensor(2).getDouble(channel);
            for (long line = 0; line < channels.count(); line++) {
                long at = channels.at(line, channel);
                y.setDouble(at, (x.getDouble(at) - moments.mean()) * factor + bias);
            }
        }
        return new ArrayList<Datum>(List.of(y, means, variances)).subList(0, in.outputs());
    }

    private double blend(double input, double current) {
        return input * momentum + current * (1 - (double) momentum);
    }

    private static Moments moments(Tensor x, Lines channels, long channel) {
        double sum = 0;
        for (long line = 0; line < channels.count(); line++) {
            sum += x.getDouble(channels.at(line, channel));
        }
        double mean = sum / channels.count();
        double squares = 0;
        for (long line = 0; line < channels.count(); line++) {
            double d = x.getDouble(channels.at(line, channel)) - mean;
            squares += d * d;
        }
        return new Moments(mean, squares / channels.count());
    }
}
