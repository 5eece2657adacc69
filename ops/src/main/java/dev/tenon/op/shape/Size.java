package dev.tenon.op.shape;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** The number of elements of its input. */
public record Size() implements Op {
    /** Parameters: any tensor. Result: an int64 scalar. */
    private static final OpSchema SCHEMA = OpSchema.of("Size")
            .input("data", "T")
            .output("size", "S")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return Sizes.tensor(DType.INT64, Shape.scalar());
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        try {
            return c.shape(0).hasRank() ? List.of(c.shape(0).elements()) : null;
        } catch (ResourceLimitException e) {
            return null;
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return List.of(Tensor.scalar(in.tensor(0).size()));
    }
}
