package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/** Makes a sequence of one or more tensors of one element type. */
public record SequenceConstruct() implements Op {
    /** Parameters: the elements. */
    private static final OpSchema SCHEMA = OpSchema.of("SequenceConstruct")
            .variadic("inputs", "T")
            .output("output_sequence", "*")
            .where("T", Types.ALL);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.inputCount() == 0) {
            throw c.error("no inputs", "at least 1", null);
        }
        ValueType all = null;
        for (int i = 0; i < c.inputCount(); i++) {
            if (!c.has(i)) {
                throw c.error("input " + i + " is missing", null, "leave no input out");
            }
            all = all == null ? c.type(i) : SequenceElements.join(all, c.type(i), c);
        }
        return List.of(new SequenceType(all));
    }

    @Override
    public List<Datum> reference(Operands in) {
        List<Datum> elements = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
            elements.add(in.tensor(i));
        }
        if (elements.isEmpty()) {
            throw in.error("no inputs", "at least 1", null);
        }
        return List.of(SequenceElements.sequence(in, null, elements));
    }
}
