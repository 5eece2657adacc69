package dev.tenon.op.random;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Numbers of a normal distribution in the shape of the input.
 *
 * @param type the element type of the numbers, a floating one; null for that of the input
 * @param mean the mean
 * @param scale the standard deviation
 * @param seed makes every call give the same numbers; null for different numbers at each call
 */
public record RandomNormalLike(DType type, float mean, float scale, Float seed) implements Op {
    /** Input of any type; output of its shape. */
    public static final OpSchema SCHEMA = OpSchema.of("RandomNormalLike")
            .input("input", "T1")
            .output("output", "T2")
            .where("T1", Types.ALL)
            .where("T2", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing or has a value that is not allowed
     */
    public static RandomNormalLike of(Attributes a) {
        return new RandomNormalLike(
                Draw.type("RandomNormalLike", a, Types.FLOATS), a.real("mean", 0f), a.real("scale", 1f), Draw.seed(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("dtype", Draw.code(type))
                .unless("mean", mean, 0f)
                .unless("scale", scale, 1f)
                .with("seed", seed);
    }

    @Override
    public boolean deterministic() {
        return false;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return Draw.like(c, type);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        return List.of(
                Draw.fill(type == null ? x.dtype() : type, x.dims(), seed, r -> mean + scale * r.nextGaussian()));
    }
}
