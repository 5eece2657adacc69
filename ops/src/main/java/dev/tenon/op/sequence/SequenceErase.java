package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Removes one element of a sequence, by default the last; positions below 0 count from the end. */
public record SequenceErase() implements Op {
    /** Parameters: the sequence; the position, a scalar, which may be left out. */
    private static final OpSchema SCHEMA = OpSchema.of("SequenceErase")
            .input("input_sequence", "*")
            .optional("position", "I")
            .output("output_sequence", "*")
            .where("I", Types.INDICES);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        SequenceElements.checkPosition(c, 1);
        return List.of(new SequenceType(SequenceElements.of(c, 0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorSequence s = SequenceElements.of(in, 0);
        if (s.size() == 0) {
            throw in.error("an empty sequence", "an element to remove", null);
        }
        List<Datum> elements = new ArrayList<>(s.elements());
        elements.remove(in.has(1) ? SequenceElements.position(in, 1, s.size(), s.size() - 1) : s.size() - 1);
        return List.of(TensorSequence.of(s.type().element(), elements));
    }
}
