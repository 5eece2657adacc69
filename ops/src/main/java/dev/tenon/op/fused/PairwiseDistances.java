package dev.tenon.op.fused;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.op.math.Sub;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The Euclidean distance of each row of a matrix from each row of another: A {@code [m,k]}, B {@code [n,k]}, Y {@code [m,n]}. Squares
 * of differences are added, so rows that are near to each other have exact distances wherever they are.
 *
 * @param squared whether the results are the squares of the distances
 */
public record PairwiseDistances(boolean squared) implements Composite {
    /** Inputs A and B, output Y. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.TENON, "PairwiseDistances")
            .input("A", "T")
            .input("B", "T")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .numerics(ReduceSumSquare.SCHEMA.numerics());

    private static final String SQUARED = "squared";

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static PairwiseDistances of(Attributes a) {
        return new PairwiseDistances(a.flag(SQUARED, false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless(SQUARED, squared, false);
    }

    @Override
    public Composition composition(List<ValueType> types, int outputs) {
        for (ValueType type : types) {
            if (type instanceof TensorType t && t.shape().hasRank() && t.shape().rank() != 2) {
                throw new InvalidOperandException(SCHEMA.qualifiedName(), "an operand " + t, "matrices", null);
            }
        }
        return new Composition(
                2,
                List.of(Tensor.of(new long[] {0}), Tensor.of(new long[] {1}), Tensor.of(new long[] {2})),
                List.of(
                        new Composition.Step(new Unsqueeze(), List.of(0, 3), 1),
                        new Composition.Step(new Unsqueeze(), List.of(1, 2), 1),
                        new Composition.Step(new Sub(), List.of(5, 6), 1),
                        new Composition.Step(
                                squared ? new ReduceSumSquare(false, false) : new ReduceL2(false, false),
                                List.of(7, 4),
                                1)),
                List.of(8));
    }
}
