package dev.tenon.op.attention;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A causal convolution of each channel with its own kernel. The input is preceded by the state that the call before has
 * left, or by zeros. The state for the next call is the end of both together.
 *
 * @param activation {@code none}, or {@code silu} or {@code swish} for {@code x / (1 + exp(-x))} of the result
 */
public record CausalConvWithState(String activation) implements Op {
    /**
     * Inputs input [batch, channels, length], weight [channels, 1, k], bias [channels] and past_state [batch, channels,
     * k-1]; outputs like the input, and like the past state.
     */
    public static final OpSchema SCHEMA = OpSchema.of("CausalConvWithState")
            .input("input", "T")
            .input("weight", "T")
            .optional("bias", "T")
            .optional("past_state", "T")
            .output("output", "T")
            .optionalOutput("present_state", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(4, 16));

    private static final List<String> ACTIVATIONS = List.of("none", "silu", "swish");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if the class comment does not list the activation
     */
    public static CausalConvWithState of(Attributes a) {
        String activation = a.string("activation", "none");
        if (!ACTIVATIONS.contains(activation)) {
            throw new InvalidOperandException(
                    "CausalConvWithState", "activation '" + activation + "'", String.join(", ", ACTIVATIONS), null);
        }
        return new CausalConvWithState(activation);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("activation", activation, "none");
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(3);
        OperandShape w = OperandShape.of(c, 1).rank(3).is(x.dim(1), Dim.of(1), null);
        Dim size = w.dim(2);
        if (size != null && size.isKnown() && size.value() < 1) {
            throw c.error("a kernel of size " + size, "1 and above", null);
        }
        Dim before = size == null ? null : size.minus(Dim.of(1));
        Dim channels = OperandShape.either(x.dim(1), w.dim(0));
        if (c.has(2)) {
            OperandShape.of(c, 2).is(channels);
        }
        if (c.has(3)) {
            OperandShape.of(c, 3).is(x.dim(0), channels, before);
        }
        Shape state = Shape.of(
                OperandShape.orFresh(c, x.dim(0)), OperandShape.orFresh(c, channels), OperandShape.orFresh(c, before));
        return List.<ValueType>of(c.tensor(0), new TensorType(c.dtype(0), state))
                .subList(0, c.outputCount());
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor weight = in.tensor(1);
        long size = weight.dim(2);
        long length = x.dim(2);
        Tensor y = Tensor.allocate(x.dtype(), x.dims());
        Tensor state = Tensor.allocate(x.dtype(), x.dim(0), x.dim(1), size - 1);
        for (long line = 0; line < x.dim(0) * x.dim(1); line++) {
            long channel = line % x.dim(1);
            for (long t = 0; t < length; t++) {
                double sum = in.has(2) ? in.tensor(2).getDouble(channel) : 0;
                for (long i = 0; i < size; i++) {
                    sum += weight.getDouble(channel * size + i) * at(in, line, t + i, size - 1);
                }
                y.setDouble(line * length + t, activation.equals("none") ? sum : sum / (1 + Math.exp(-sum)));
            }
            for (long i = 0; i < size - 1; i++) {
                state.setDouble(line * (size - 1) + i, at(in, line, length + i, size - 1));
            }
        }
        return List.<Datum>of(y, state).subList(0, in.outputs());
    }

    /** An element of the past state followed by the input. */
    private static double at(Operands in, long line, long place, long before) {
        if (place >= before) {
            Tensor x = in.tensor(0);
            return x.getDouble(line * x.dim(2) + place - before);
        }
        return in.has(3) ? in.tensor(3).getDouble(line * before + place) : 0;
    }
}
