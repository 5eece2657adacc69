package dev.tenon.op.sequence;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Makes a sequence without elements.
 *
 * @param dtype the element type of the tensors that it is for
 */
public record SequenceEmpty(DType dtype) implements Op {
    /** Parameters: none. */
    public static final OpSchema SCHEMA = OpSchema.of("SequenceEmpty").output("output", "*");

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static SequenceEmpty of(Attributes a) {
        long code = a.integer("dtype", Types.code(DType.FLOAT32));
        DType dtype = Types.ofCode(code).orElse(null);
        if (dtype == null) {
            throw new InvalidOperandException(
                    "SequenceEmpty", "attribute 'dtype' is " + code, "a code of the standard's data types", null);
        }
        return new SequenceEmpty(dtype);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("dtype", (long) Types.code(dtype), (long) Types.code(DType.FLOAT32));
    }

    private ValueType element() {
        return new TensorType(dtype, Shape.unknownRank());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new SequenceType(element()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(TensorSequence.empty(element()));
    }
}
