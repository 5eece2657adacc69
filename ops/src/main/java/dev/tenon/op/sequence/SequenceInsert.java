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

/** Inserts a tensor before a position of a sequence, by default at its end; positions below 0 count from the end. */
public record SequenceInsert() implements Op {
    /** Parameters: the sequence; the tensor; the position, a scalar, which may be left out. */
    private static final OpSchema SCHEMA = OpSchema.of("SequenceInsert")
            .input("input_sequence", "*")
            .input("tensor", "*")
            .optional("position", "I")
            .output("output_sequence", "*")
            .where("I", Types.INDICES);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        SequenceElements.checkPosition(c, 2);
        ValueType all = SequenceElements.join(SequenceElements.of(c, 0), c.type(1), c);
        if (all == null) {
            throw c.error("a tensor " + c.type(1) + " for a " + c.type(0), "one element type", null);
        }
        return List.of(new SequenceType(all));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorSequence s = SequenceElements.of(in, 0);
        List<Datum> elements = new ArrayList<>(s.elements());
        int at = in.has(2) ? SequenceElements.position(in, 2, s.size(), s.size()) : s.size();
        elements.add(at, in.get(1));
        return List.of(SequenceElements.sequence(in, s.type().element(), elements));
    }
}
