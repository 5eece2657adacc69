package dev.tenon.op.random;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Numbers of a uniform distribution.
 *
 * @param shape the dimensions of the output, each at least 0
 * @param type the element type of the numbers, a floating one
 * @param low the lower bound, inclusive
 * @param high the upper bound
 * @param seed makes every call give the same numbers; null for different numbers at each call
 */
public record RandomUniform(List<Long> shape, DType type, float low, float high, Float seed) implements Op {
    /** No input; output of the given shape. */
    public static final OpSchema SCHEMA =
            OpSchema.of("RandomUniform").output("output", "T").where("T", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing or has a value that is not allowed
     */
    public static RandomUniform of(Attributes a) {
        DType type = Draw.type("RandomUniform", a, Types.FLOATS);
        return new RandomUniform(
                Draw.shape("RandomUniform", a),
                type == null ? DType.FLOAT32 : type,
                a.real("low", 0f),
                a.real("high", 1f),
                Draw.seed(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("shape", shape)
                .unless("dtype", Draw.code(type), Draw.code(DType.FLOAT32))
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
        return List.of(new TensorType(type, Shape.of(dims())));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(Draw.fill(type, dims(), seed, r -> low + ((double) high - low) * r.nextDouble()));
    }

    private long[] dims() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
