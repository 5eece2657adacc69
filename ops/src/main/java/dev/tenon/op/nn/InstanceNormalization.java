package dev.tenon.op.nn;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code y = scale * (x - mean) / sqrt(variance + epsilon) + B}, with the mean and the variance of each channel of each
 * instance over all axes after the second.
 *
 * @param epsilon added to the variance
 */
public record InstanceNormalization(float epsilon) implements Op {
    /** Inputs input [n, c, ...], scale [c], B [c]; output of the type of the input. */
    public static final OpSchema SCHEMA = OpSchema.of("InstanceNormalization")
            .input("input", "T")
            .input("scale", "T")
            .input("B", "T")
            .output("output", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(8, 16, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is of the wrong kind
     */
    public static InstanceNormalization of(Attributes a) {
        return new InstanceNormalization(a.real("epsilon", 1e-5f));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("epsilon", epsilon, 1e-5f);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(Channels.infer(c));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        long channels = x.dim(1);
        return List.of(Channels.normalize(x, x.dim(0) * channels, channels, in.tensor(1), in.tensor(2), epsilon));
    }
}
