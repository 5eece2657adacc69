package dev.tenon.op.shape;

import dev.tenon.error.InvalidTensorException;
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
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Collections;
import java.util.List;

/**
 * Broadcasts the input with a shape. The dimensions are aligned at the end, and dimensions of 1 on either side are
 * expanded.
 */
public record Expand() implements Op {
    /** Parameters: the data, and the shape, int64 of rank 1. */
    private static final OpSchema SCHEMA = OpSchema.of("Expand")
            .input("input", "T")
            .input("shape", "S")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<Dim> target = Sizes.vector(c, 1, "shape");
        Shape data = c.shape(0);
        if (target == null) {
            int length = Sizes.length(c, 1);
            boolean known = length >= 0 && data.hasRank();
            return Sizes.tensor(c.dtype(0), Sizes.fresh(c, known ? Math.max(length, data.rank()) : -1));
        }
        for (Dim d : target) {
            if (d.orElse(0) < 0) {
                throw c.error("shape " + target + " has dimension " + d, "0 and above", null);
            }
        }
        try {
            return Sizes.tensor(c.dtype(0), Shape.broadcast(data, Shape.of(target)));
        } catch (InvalidTensorException e) {
            throw Dims.error(c, e);
        }
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        List<Dim> elements = c.symbolic(0);
        long[] target = Sizes.numbers(c, 1, "shape");
        if (elements == null || target == null || target.length > 1) {
            return null;
        }
        if (target.length == 0 || elements.size() != 1) {
            return elements;
        }
        return target[0] > InferContext.MAX_SYMBOLIC_ELEMENTS
                ? null
                : Collections.nCopies((int) target[0], elements.get(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().get(0);
        Tensor data = in.tensor(0);
        long[] own = RowMajor.strides(data.dims());
        long[] strides = new long[type.shape().rank()];
        for (int d = 1; d <= own.length; d++) {
            strides[strides.length - d] = data.dim(-d) == 1 ? 0 : own[own.length - d];
        }
        return List.of(Moves.move(type, data, index -> RowMajor.offset(index, strides)));
    }
}
