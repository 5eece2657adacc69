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
 * Takes an element of the data for each index. The element is at the place of the index, but along the axis at the
 * index: {@code out[i][j] = data[indices[i][j]][j]} for axis 0. Negative indices count from the end.
 *
 * @param axis in [-rank, rank-1]
 */
public record GatherElements(int axis) implements Op {
    /** Parameters: the data, and the indices, of the same rank, which is 1 or more. */
    public static final OpSchema SCHEMA = OpSchema.of("GatherElements")
            .input("data", "T")
            .input("indices", "I")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("I", Types.INDICES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static GatherElements of(Attributes a) {
        return new GatherElements(a.int32("axis", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 0);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Indices.checkPlaces(c, axis, c.shape(0), c.shape(1));
        Shape indices = c.shape(1);
        Shape out = !indices.hasRank() && c.shape(0).hasRank()
                ? c.freshShape(c.shape(0).rank())
                : indices;
        return Sizes.tensor(c.dtype(0), out);
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        Tensor indices = in.tensor(1);
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        long[] strides = RowMajor.strides(data.dims());
        long[] own = RowMajor.strides(indices.dims());
        return List.of(Moves.move(type, data, index -> {
            long i = Indices.check(in, indices.getLong(RowMajor.offset(index, own)), data.dim(at));
            return RowMajor.offset(index, strides) + (i - index[at]) * strides[at];
        }));
    }
}
