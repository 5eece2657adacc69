package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.ViewOp;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes dimensions of 1: at the given axes, or all of them without axes. Axes given as an empty tensor remove
 * none.
 */
public record Squeeze() implements ViewOp {
    /** Parameters: the data, and the axes, int64 of rank 0 or 1, which may be left out. */
    private static final OpSchema SCHEMA = OpSchema.of("Squeeze")
            .input("data", "T")
            .optional("axes", "S")
            .output("squeezed", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return Sizes.tensor(c.dtype(0), shape(c));
    }

    private static Shape shape(InferContext c) {
        Shape data = c.shape(0);
        if (c.has(1)) {
            long[] axes = Sizes.numbers(c, 1, "axes");
            if (axes == null || !data.hasRank()) {
                int removed = axes == null ? Sizes.length(c, 1) : axes.length;
                // A result without dimensions would need no axes, and nobody would look at them.
                boolean known = data.hasRank() && removed >= 0 && removed < data.rank();
                return Sizes.fresh(c, known ? data.rank() - removed : -1);
            }
            return without(c, data, Sizes.axes(c, axes, data.rank(), "shape " + data));
        }
        if (!data.isKnown()) {
            return Shape.unknownRank();
        }
        return Shape.of(data.dims().stream().filter(d -> !d.equals(Sizes.ONE)).toList());
    }

    private static Shape without(InferContext c, Shape data, int[] axes) {
        List<Dim> dims = new ArrayList<>(data.dims());
        for (int axis : axes) {
            Dim d = data.dim(axis);
            if (d.orElse(1) != 1) {
                throw c.error("axis " + axis + " of shape " + data + " has dimension " + d, "1", null);
            }
            dims.set(axis, null);
        }
        dims.removeIf(d -> d == null);
        return Shape.of(dims);
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return c.symbolic(0);
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().get(0);
        return List.of(in.tensor(0).reshape(type.shape().toArray()));
    }
}
