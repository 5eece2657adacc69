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
 * Numbers of a uniform distribution in the shape of the input.
 *
 * @param type the element type of the numbers, a floating one; null for that of the input
 * @param low the lower bound, inclusive
 * @param high the upper bound
 * @param seed makes every call give the same numbers; null for different numbers at each call
 */
public record RandomUniformLike(DType type, float low, float high, Float seed) implements Op {
    /** Input of any type; output of its shape. */
    public static final OpSchema SCHEMA = OpSchema.of("RandomUniformLike")
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
    public static RandomUniformLike of(Attributes a) {
        return new RandomUniformLike(
                Draw.type("RandomUniformLike", a, Types.FLOATS), a.real("low", 0f), a.real("high", 1f), Draw.seed(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("dtype", Draw.code(type))
                .unless("low", low, 0f)
                .unless("high", high, 1f)
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
        return List.of(Draw.fill(
                type == null ? x.dtype() : type, x.dims(), seed, r -> low + ((double) high - low) * r.nextDouble()));
    }
}
