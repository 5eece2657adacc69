package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
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
import java.util.Collections;
import java.util.List;

/**
 * A tensor of a given shape, all elements equal.
 *
 * @param value a tensor of one element; null for the float32 0
 */
public record ConstantOfShape(Tensor value) implements Op {
    /** Parameters: the shape, int64 of rank 1. */
    public static final OpSchema SCHEMA = OpSchema.of("ConstantOfShape")
            .input("input", "S")
            .output("output", "T")
            .where("S", Types.INT64)
            .where("T", Types.ALL);

    /**
     * Checks the value.
     *
     * @param value a tensor of one element; null for the float32 0
     * @throws InvalidOperandException if it has another number of elements
     */
    public ConstantOfShape {
        if (value != null && value.size() != 1) {
            throw new InvalidOperandException(
                    "ConstantOfShape", "value of " + value.size() + " elements", "one element", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static ConstantOfShape of(Attributes a) {
        return new ConstantOfShape(a.tensor("value").orElse(null));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("value", value);
    }

    private DType dtype() {
        return value == null ? DType.FLOAT32 : value.dtype();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<Dim> dims = Sizes.vector(c, 0, "input");
        if (dims == null) {
            return Sizes.tensor(dtype(), Sizes.fresh(c, Sizes.length(c, 0)));
        }
        for (Dim d : dims) {
            if (d.orElse(0) < 0) {
                throw c.error("shape " + dims + " has dimension " + d, "0 and above", null);
            }
        }
        return Sizes.tensor(dtype(), Shape.of(dims));
    }

    @Override
    public List<Dim> inferValue(InferContext c, int output) {
        long[] dims = Sizes.numbers(c, 0, "input");
        if (dims == null || dims.length > 1 || !dtype().isInteger()) {
            return null;
        }
        long count = dims.length == 0 ? 1 : dims[0];
        return count > InferContext.MAX_SYMBOLIC_ELEMENTS
                ? null
                : Collections.nCopies((int) count, Dim.of(value.getLong(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        if (value != null) {
            Moves.fill(out, value, 0);
        }
        return List.of(out);
    }
}
