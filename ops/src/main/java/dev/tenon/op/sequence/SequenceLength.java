package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** Gives the number of elements of a sequence, an int64 scalar. */
public record SequenceLength() implements Op {
    /** Parameters: the sequence. */
    private static final OpSchema SCHEMA = OpSchema.of("SequenceLength")
            .input("input_sequence", "*")
            .output("length", "I")
            .where("I", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        SequenceElements.of(c, 0);
        return List.of(new TensorType(DType.INT64, Shape.scalar()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(Tensor.scalar((long) SequenceElements.of(in, 0).size()));
    }
}
