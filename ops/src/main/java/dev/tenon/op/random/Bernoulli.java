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
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * 1 with the probability that the input's element gives, otherwise 0. NaN counts as 0.
 *
 * @param type the element type of the output, numbers or bool; null for that of the input
 * @param seed makes every call give the same numbers; null for different numbers at each call
 */
public record Bernoulli(DType type, Float seed) implements Op {
    private static final Set<DType> RESULTS = Types.union(Types.NUMBERS, Types.BOOL);

    /** Input: probabilities; output of their shape. */
    public static final OpSchema SCHEMA = OpSchema.of("Bernoulli")
            .input("input", "T1")
            .output("output", "T2")
            .where("T1", Types.FLOATS)
            .where("T2", RESULTS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if {@code dtype} is no type of numbers or bool
     */
    public static Bernoulli of(Attributes a) {
        return new Bernoulli(Draw.type("Bernoulli", a, RESULTS), Draw.seed(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("dtype", Draw.code(type)).with("seed", seed);
    }

    @Override
    public boolean deterministic() {
        return false;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(type == null ? c.dtype(0) : type, c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(type == null ? x.dtype() : type, x.dims());
        SplittableRandom random = Draw.generator(seed);
        for (long i = 0; i < y.size(); i++) {
            boolean one = random.nextDouble() < x.getDouble(i);
            if (y.dtype() == DType.BOOL) {
                y.setBoolean(i, one);
            } else {
                y.setLong(i, one ? 1 : 0);
            }
        }
        return List.of(y);
    }
}
