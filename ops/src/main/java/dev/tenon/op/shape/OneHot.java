package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds a dimension of {@code depth} places. The place that the index names holds the on value, the others hold the off
 * value. Negative indices count from the end; with an index outside of [-depth, depth-1] all places hold the off value.
 * Indices and depth of a floating type are truncated.
 *
 * @param axis the place of the new dimension, in [-rank-1, rank] of the indices' rank
 */
public record OneHot(int axis) implements Op {
    /** Parameters: the indices; the depth, one element, at least 1; the values off and on, two elements. */
    public static final OpSchema SCHEMA = OpSchema.of("OneHot")
            .input("indices", "T1")
            .input("depth", "T2")
            .input("values", "T3")
            .output("output", "T3")
            .where("T1", Types.NUMBERS)
            .where("T2", Types.NUMBERS)
            .where("T3", Types.ALL);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static OneHot of(Attributes a) {
        return new OneHot(a.int32("axis", -1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, -1);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape values = c.shape(2);
        if ((values.hasRank() && values.rank() != 1) || (values.isKnown() && values.knownElements() != 2)) {
            throw c.error("'values' has shape " + values, "[2]", null);
        }
        Dim depth = depth(c);
        Shape indices = c.shape(0);
        if (!indices.hasRank()) {
            return Sizes.tensor(c.dtype(2), Shape.unknownRank());
        }
        int at = c.axis(axis, indices.rank() + 1, "indices of shape " + indices);
        List<Dim> dims = new ArrayList<>(indices.dims());
        dims.add(at, depth);
        return Sizes.tensor(c.dtype(2), Shape.of(dims));
    }

    private static Dim depth(InferContext c) {
        Dim depth = Sizes.single(c, 1, "depth");
        Tensor constant = c.constant(1);
        if (constant != null) {
            depth = Dim.of(constant.getLong(0));
        }
        if (depth != null && depth.orElse(1) < 1) {
            throw c.error("depth " + depth, "1 and above", null);
        }
        return depth == null || !Sizes.isNonNegative(depth) ? c.freshDim() : depth;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor indices = in.tensor(0);
        Tensor values = in.tensor(2);
        int at = in.axis(axis, out.rank(), "indices of shape " + indices.shape());
        long depth = out.dim(at);
        long inner = RowMajor.size(out.dims(), at + 1, out.rank());
        boolean unsigned = indices.dtype() == DType.UINT64;
        Moves.fill(out, values, 0);
        for (long i = 0; i < indices.size(); i++) {
            long index = indices.getLong(i);
            boolean inside = index < depth && (index >= 0 || (!unsigned && index >= -depth));
            if (inside) {
                long place = index < 0 ? index + depth : index;
                values.copyElementTo(1, out, (i / inner * depth + place) * inner + i % inner);
            }
        }
        return List.of(out);
    }
}
