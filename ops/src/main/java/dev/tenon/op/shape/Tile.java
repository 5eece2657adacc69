package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Dims;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Repeats the data along each dimension. */
public record Tile() implements Op {
    /** Parameters: the data, and how often each dimension is repeated, int64 of rank 1, 0 and above. */
    private static final OpSchema SCHEMA = OpSchema.of("Tile")
            .input("input", "T")
            .input("repeats", "S")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        int count = Sizes.length(c, 1);
        List<Dim> repeats = Sizes.vector(c, 1, "repeats");
        if (!data.hasRank()) {
            return Sizes.tensor(c.dtype(0), Sizes.fresh(c, count));
        }
        if (count >= 0 && count != data.rank()) {
            throw c.error(count + " repeats for shape " + data, Integer.toString(data.rank()), null);
        }
        if (repeats == null) {
            return Sizes.tensor(c.dtype(0), c.freshShape(data.rank()));
        }
        List<Dim> dims = new ArrayList<>();
        for (int d = 0; d < data.rank(); d++) {
            Dim dim = data.dim(d);
            Dim repeat = repeats.get(d);
            if (repeat.orElse(0) < 0) {
                throw c.error("repeats " + repeats + " holds " + repeat, "0 and above", null);
            }
            dims.add(Dims.compute(c, () -> dim.times(repeat)));
        }
        return Sizes.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> elements = c.symbolic(0);
        long[] repeats = Sizes.numbers(c, 1, "repeats");
        if (elements == null || repeats == null || repeats.length > 1) {
            return null;
        }
        long repeat = repeats.length == 0 ? 1 : repeats[0];
        if (repeat > InferContext.MAX_SYMBOLIC_ELEMENTS
                || repeat * elements.size() > InferContext.MAX_SYMBOLIC_ELEMENTS) {
            return null;
        }
        List<Dim> all = new ArrayList<>();
        for (long i = 0; i < repeat; i++) {
            all.addAll(elements);
        }
        return all;
    }

    @Override
    public List<Datum> reference(Operands in) {
        ValueType type = in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        long[] dims = data.dims();
        long[] strides = RowMajor.strides(dims);
        return List.of(Moves.move(type, data, index -> {
            long offset = 0;
            for (int d = 0; d < dims.length; d++) {
                offset += index[d] % dims[d] * strides[d];
            }
            return offset;
        }));
    }
}
