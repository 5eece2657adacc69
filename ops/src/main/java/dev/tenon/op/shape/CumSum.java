package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The sums of all elements up to each element along an axis.
 *
 * @param exclusive whether an element's sum leaves the element itself out
 * @param reverse whether sums run from the end
 */
public record CumSum(boolean exclusive, boolean reverse) implements Op {
    /** Parameters: the data, of rank 1 or more, and the axis, one element in [-rank, rank-1]. */
    public static final OpSchema SCHEMA = OpSchema.of("CumSum")
            .input("x", "T")
            .input("axis", "I")
            .output("y", "T")
            .where("T", Types.NUMBERS)
            .where("I", Types.INDICES)
            .numerics(Numerics.sum(8));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static CumSum of(Attributes a) {
        return new CumSum(a.flag("exclusive", false), a.flag("reverse", false));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("exclusive", exclusive, false).unless("reverse", reverse, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return Cumulative.infer(c);
    }

    @Override
    public List<Datum> reference(Operands in) {
        return Cumulative.reference(in, exclusive, reverse, 0, Double::sum, Long::sum);
    }
}
