package dev.tenon.op.shape;

import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.ViewOp;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** Gives its input back, of any type. */
public record Identity() implements ViewOp {
    /** Parameters: any value. */
    private static final OpSchema SCHEMA =
            OpSchema.of("Identity").input("input", "*").output("output", "*");

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(c.type(0));
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        return c.symbolic(0);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        return List.of(in.get(0));
    }
}
