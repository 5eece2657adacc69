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

/** Inserts dimensions of 1. The axes count dimensions of the output. */
public record Unsqueeze() implements ViewOp {
    /** Parameters: the data, and the axes, int64 of rank 0 or 1. */
    private static final OpSchema SCHEMA = OpSchema.of("Unsqueeze")
            .input("data", "T")
            .input("axes", "S")
            .output("expanded", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        long[] given = Sizes.numbers(c, 1, "axes");
        if (given == null || !data.hasRank()) {
            int added = given == null ? Sizes.length(c, 1) : given.length;
            return Sizes.tensor(c.dtype(0), Sizes.fresh(c, data.hasRank() && added >= 0 ? data.rank() + added : -1));
        }
        int rank = data.rank() + given.length;
        Dim[] dims = new Dim[rank];
        for (int axis : Sizes.axes(c, given, rank, "an output of rank " + rank)) {
            dims[axis] = Sizes.ONE;
        }
        List<Dim> out = new ArrayList<>();
        int next = 0;
        for (Dim d : dims) {
            out.add(d == null ? data.dim(next++) : d);
        }
        return Sizes.tensor(c.dtype(0), Shape.of(out));
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
