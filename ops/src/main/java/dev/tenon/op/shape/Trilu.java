package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Keeps the upper or lower triangle of each matrix with diagonal k, and clears the other elements.
 *
 * @param upper whether the upper triangle is kept
 */
public record Trilu(boolean upper) implements Op {
    /** Parameters: matrices, of rank 2 or more; k, one element, 0 if left out, above 0 for upper diagonals. */
    public static final OpSchema SCHEMA = OpSchema.of("Trilu")
            .input("input", "T")
            .optional("k", "S")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Trilu of(Attributes a) {
        return new Trilu(a.flag("upper", true));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("upper", upper, true);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape shape = c.shape(0);
        if (shape.hasRank() && shape.rank() < 2) {
            throw c.error("input of shape " + shape, "rank 2 and above", null);
        }
        if (c.has(1)) {
            Sizes.requireSingle(c, 1, "k");
        }
        return Sizes.tensor(c.dtype(0), shape);
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        int rank = data.rank();
        long k = in.has(1) ? Math.clamp(in.tensor(1).getLong(0), -data.dim(-2), data.dim(-1)) : 0;
        long[] strides = RowMajor.strides(data.dims());
        return List.of(Moves.move(type, data, index -> {
            long diagonal = index[rank - 1] - index[rank - 2];
            boolean kept = upper ? diagonal >= k : diagonal <= k;
            return kept ? RowMajor.offset(index, strides) : -1;
        }));
    }
}
