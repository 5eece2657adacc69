package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The index of the least element along an axis, as int64. A NaN counts as the least.
 *
 * @param axis the axis, in [-r, r-1] for rank r
 * @param keepdims whether the axis stays, with dimension 1
 * @param selectLastIndex whether the last of equal elements is taken, instead of the first
 */
public record ArgMin(int axis, boolean keepdims, boolean selectLastIndex) implements Op {
    /** Input data, output reduced. */
    public static final OpSchema SCHEMA = OpSchema.of("ArgMin")
            .input("data", "T")
            .output("reduced", "I")
            .where("T", Types.NUMBERS)
            .where("I", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ArgMin of(Attributes a) {
        return new ArgMin(a.int32("axis", 0), a.flag("keepdims", true), a.flag("select_last_index", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("axis", (long) axis, 0L)
                .unless("keepdims", keepdims, true)
                .unless("select_last_index", selectLastIndex, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(Extremes.infer(c, axis, keepdims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(Extremes.indices(in, axis, false, selectLastIndex));
    }
}
