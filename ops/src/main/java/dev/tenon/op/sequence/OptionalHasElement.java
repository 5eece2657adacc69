package dev.tenon.op.sequence;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Tells whether there is a value, as a boolean scalar. It is false for an optional without a value and for a missing
 * operand.
 */
public record OptionalHasElement() implements Op {
    /** Parameters: an optional, a tensor or a sequence, which may be left out. */
    private static final OpSchema SCHEMA = OpSchema.of("OptionalHasElement")
            .optional("input", "*")
            .output("output", "B")
            .where("B", Types.BOOL);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(DType.BOOL, Shape.scalar()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(Tensor.scalar(in.has(0) && !(in.get(0) instanceof OptionalDatum o && !o.isPresent())));
    }
}
