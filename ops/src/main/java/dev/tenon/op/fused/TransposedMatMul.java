package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Domains;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@link MatMul} whose right matrices are stored transposed: A {@code [..., m, k]}, B {@code [..., n, k]}, Y
 * {@code [..., m, n]}. Stacks are broadcast as those of MatMul.
 */
public record TransposedMatMul() implements Composite {
    /** Inputs A and B, output Y. */
    private static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "TransposedMatMul")
            .input("A", "T")
            .input("B", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(new MatMul().numerics());

    private static final int LEAST_RANK = 2;

    /**
     * The permutation of dimensions that transposes each matrix of a stack.
     *
     * @param rank the number of dimensions, at least 2
     * @return a transposition of the last two dimensions
     */
    public static Transpose turning(int rank) {
        List<Integer> perm = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
        Collections.swap(perm, rank - 2, rank - 1);
        return new Transpose(perm);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        int rank = types.get(1) instanceof TensorType t && t.shape().hasRank()
                ? t.shape().rank()
                : -1;
        if (rank < LEAST_RANK) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(), "B of type " + types.get(1), "a known rank, 2 or more", null);
        }
        return new Composition(
                2,
                List.of(),
                List.of(
                        new Composition.Step(turning(rank), List.of(1), 1),
                        new Composition.Step(new MatMul(), List.of(0, 2), 1)),
                List.of(3));
    }
}
