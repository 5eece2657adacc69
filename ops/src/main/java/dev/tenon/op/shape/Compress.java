package dev.tenon.op.shape;

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
import java.util.List;

/**
 * Takes the slices along an axis for which the condition is true. A condition that is shorter than the dimension is
 * false beyond its end.
 *
 * @param axis in [-rank, rank-1]; null to take elements of the flattened data
 */
public record Compress(Integer axis) implements Op {
    /** Parameters: the data, of rank 1 or more, and the condition, bool of rank 1. */
    public static final OpSchema SCHEMA = OpSchema.of("Compress")
            .input("input", "T")
            .input("condition", "B")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("B", Types.BOOL);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static Compress of(Attributes a) {
        return new Compress(a.has("axis") ? a.int32("axis", 0) : null);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("axis", axis);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Shape condition = c.shape(1);
        if (condition.hasRank() && condition.rank() != 1) {
            throw c.error("'condition' has shape " + condition, "rank 1", null);
        }
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), Sizes.fresh(c, axis == null ? 1 : -1));
        }
        int at = axis == null ? 0 : c.axis(axis, data.rank(), "shape " + data);
        Dim dim = axis == null ? Sizes.product(c, data.dims()) : data.dim(at);
        Dim length = condition.hasRank() ? condition.dim(0) : Sizes.ZERO;
        if (length.isKnown() && dim.isKnown() && length.value() > dim.value()) {
            throw c.error("'condition' has " + length + " elements", "at most " + dim, null);
        }
        Dim count = count(c);
        return Sizes.tensor(c.dtype(0), axis == null ? Shape.of(count) : data.withDim(at, count));
    }

    private static Dim count(InferContext c) {
        Tensor condition = c.constant(1);
        if (condition == null) {
            return c.freshDim();
        }
        long count = 0;
        for (long i = 0; i < condition.size(); i++) {
            count += condition.getBoolean(i) ? 1 : 0;
        }
        return Dim.of(count);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor data = axis == null ? in.tensor(0).reshape(in.tensor(0).size()) : in.tensor(0);
        Tensor condition = in.tensor(1);
        int at = axis == null ? 0 : in.axis(axis, data.rank(), "shape " + data.shape());
        long inner = RowMajor.size(data.dims(), at + 1, data.rank());
        long run = data.dim(at) * inner;
        long j = 0;
        for (long e = 0; e < data.size(); e++) {
            long place = e % run / inner;
            if (place < condition.size() && condition.getBoolean(place)) {
                data.copyElementTo(e, out, j++);
            }
        }
        return List.of(out);
    }
}
