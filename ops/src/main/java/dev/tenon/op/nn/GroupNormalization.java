package dev.tenon.op.nn;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * {@code y = scale * (x - mean) / sqrt(variance + epsilon) + bias}, with the mean and the variance of each group of
 * channels of each instance. Scale and bias are those of the channel.
 *
 * @param numGroups the number of groups, at least 1, a divisor of the number of channels
 * @param epsilon added to the variance
 * @param stashType the element type in which the standard normalises; computed in double here
 */
public record GroupNormalization(long numGroups, float epsilon, DType stashType) implements Op {
    /** Inputs X [n, c, ...], scale [c], bias [c]; output Y of the type of X. */
    public static final OpSchema SCHEMA = OpSchema.of("GroupNormalization")
            .input("X", "T")
            .input("scale", "T")
            .input("bias", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(new Numerics(8, 16, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if num_groups is missing or less than 1, or stash_type names no
     *     floating type
     */
    public static GroupNormalization of(Attributes a) {
        long groups = a.integer("num_groups", 0);
        if (groups < 1) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "attribute 'num_groups' is " + groups, "1 or more", null);
        }
        return new GroupNormalization(groups, a.real("epsilon", 1e-5f), Moments.stashType(SCHEMA, a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("num_groups", numGroups)
                .unless("epsilon", epsilon, 1e-5f)
                .unless("stash_type", (long) Types.code(stashType), 1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        TensorType x = Channels.infer(c);
        Dim channels = x.shape().hasRank() ? x.shape().dim(1) : null;
        if (channels != null && channels.isKnown() && channels.value() % numGroups != 0) {
            throw c.error(channels + " channels", "a multiple of num_groups, " + numGroups, null);
        }
        return List.of(x);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        return List.of(Channels.normalize(x, x.dim(0) * numGroups, x.dim(1), in.tensor(1), in.tensor(2), epsilon));
    }
}
