package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** Gives the value of an optional; a tensor or a sequence is its own value. */
public record OptionalGetElement() implements Op {
    /** Parameters: an optional, a tensor or a sequence. */
    private static final OpSchema SCHEMA =
            OpSchema.of("OptionalGetElement").input("input", "*").output("output", "*");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0) instanceof OptionalType t ? SequenceElements.one(c, t.element()) : c.type(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        if (!(in.get(0) instanceof OptionalDatum o)) {
            return List.of(in.get(0));
        }
        if (!o.isPresent()) {
            throw in.error("an optional without a value", "a value", "ask OptionalHasElement first");
        }
        return List.of(o.get());
    }
}
