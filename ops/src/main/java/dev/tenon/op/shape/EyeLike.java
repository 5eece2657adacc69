package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/**
 * A matrix of its input's shape with ones on a diagonal and zeros elsewhere.
 *
 * @param dtype the element type of the result; null for that of the input
 * @param k the diagonal: 0 for the main one, above 0 for upper ones, below 0 for lower ones
 */
public record EyeLike(DType dtype, long k) implements Op {
    private static final Set<DType> TYPES = Types.union(Types.NUMBERS, Types.BOOL);

    /** Parameters: a tensor of rank 2, of which only type and shape count. */
    public static final OpSchema SCHEMA = OpSchema.of("EyeLike")
            .input("input", "T1")
            .output("output", "T2")
            .where("T1", TYPES)
            .where("T2", TYPES);

    /**
     * Checks the element type.
     *
     * @param dtype the element type of the result; null for that of the input
     * @param k the diagonal: 0 for the main one, above 0 for upper ones, below 0 for lower ones
     * @throws InvalidOperandException if the type is neither a number nor bool
     */
    public EyeLike {
        if (dtype != null && !TYPES.contains(dtype)) {
            throw new InvalidOperandException("EyeLike", "dtype " + dtype.text(), "numbers and bool", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if there is no such element type
     */
    public static EyeLike of(Attributes a) {
        DType dtype = Types.ofCode(a.integer("dtype", 0)).orElse(null);
        if (dtype == null && a.has("dtype")) {
            throw new InvalidOperandException("EyeLike", "dtype " + a.integer("dtype", 0), "numbers and bool", null);
        }
        return new EyeLike(dtype, a.integer("k", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .with("dtype", dtype == null ? null : Types.code(dtype))
                .unless("k", k, 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape shape = c.shape(0);
        if (shape.hasRank() && shape.rank() != 2) {
            throw c.error("input of shape " + shape, "rank 2", null);
        }
        return Sizes.tensor(dtype == null ? c.dtype(0) : dtype, shape.hasRank() ? shape : c.freshShape(2));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        // The limits can't overflow: a sum with k is made only where k is within the dimensions.
        boolean crosses = k > -out.dim(0) && k < out.dim(1);
        long last = crosses ? Math.min(out.dim(0), k > 0 ? out.dim(1) - k : out.dim(1) + -k) : 0;
        for (long i = Math.max(0, crosses ? -k : 0); i < last; i++) {
            out.setLong(i * out.dim(1) + i + k, 1);
        }
        return List.of(out);
    }
}
