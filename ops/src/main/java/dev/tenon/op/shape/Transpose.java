package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Permutes the dimensions: dimension i of the output is dimension {@code perm[i]} of the input.
 *
 * @param perm a permutation of 0 to rank-1; empty to reverse the dimensions
 */
public record Transpose(List<Integer> perm) implements Op {
    /** Parameters: the data. */
    public static final OpSchema SCHEMA = OpSchema.of("Transpose")
            .input("data", "T")
            .output("transposed", "T")
            .where("T", Types.ALL);

    /**
     * Checks that the list is a permutation.
     *
     * @param perm a permutation of 0 to rank-1; empty to reverse the dimensions
     * @throws InvalidOperandException if it is not
     */
    public Transpose {
        perm = List.copyOf(perm);
        for (int p : perm) {
            if (p < 0 || p >= perm.size() || new HashSet<>(perm).size() != perm.size()) {
                throw new InvalidOperandException(
                        "Transpose", "perm " + perm, "a permutation of 0 to " + (perm.size() - 1), null);
            }
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Transpose of(Attributes a) {
        List<Integer> perm = new ArrayList<>();
        for (long p : a.integers("perm", List.of())) {
            perm.add(Math.clamp(p, -1, Integer.MAX_VALUE));
        }
        return new Transpose(perm);
    }

    /**
     * The permutation for inputs of a rank.
     *
     * @param rank the rank of the input
     * @return a new array: for each dimension of the output the dimension of the input
     */
    public int[] permutation(int rank) {
        int[] p = new int[rank];
        for (int i = 0; i < rank; i++) {
            p[i] = perm.isEmpty() ? rank - 1 - i : perm.get(i);
        }
        return p;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return perm.isEmpty() ? Attributes.none() : Attributes.none().with("perm", perm);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), Sizes.fresh(c, perm.isEmpty() ? -1 : perm.size()));
        }
        if (!perm.isEmpty() && perm.size() != data.rank()) {
            throw c.error("perm " + perm + " does not fit shape " + data, "a permutation of its dimensions", null);
        }
        List<Dim> dims = new ArrayList<>();
        for (int p : permutation(data.rank())) {
            dims.add(data.dim(p));
        }
        return Sizes.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return c.symbolic(0);
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        int[] p = permutation(data.rank());
        long[] strides = RowMajor.strides(data.dims());
        long[] moved = new long[p.length];
        for (int i = 0; i < p.length; i++) {
            moved[i] = strides[p[i]];
        }
        return List.of(Moves.move(type, data, index -> RowMajor.offset(index, moved)));
    }
}
