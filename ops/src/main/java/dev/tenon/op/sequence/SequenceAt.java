package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** Gives one element of a sequence; positions below 0 count from the end. */
public record SequenceAt() implements Op {
    /** Parameters: the sequence; the position, a scalar. */
    private static final OpSchema SCHEMA = OpSchema.of("SequenceAt")
            .input("input_sequence", "*")
            .input("position", "I")
            .output("tensor", "*")
            .where("I", Types.INDICES);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        SequenceElements.checkPosition(c, 1);
        return List.of(SequenceElements.one(c, SequenceElements.of(c, 0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorSequence s = SequenceElements.of(in, 0);
        return List.of(s.get(SequenceElements.position(in, 1, s.size(), s.size() - 1)));
    }
}
