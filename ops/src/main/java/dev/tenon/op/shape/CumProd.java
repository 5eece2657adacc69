package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/**
 * The products of all elements up to each element along an axis.
 *
 * @param exclusive whether an element's product leaves the element itself out
 * @param reverse whether products run from the end
 */
public record CumProd(boolean exclusive, boolean reverse) implements Op {
    private static final Set<DType> DATA =
            Types.union(Types.FLOATS, Types.set(DType.INT32, DType.INT64, DType.UINT32, DType.UINT64));

    /** Parameters: the data, of rank 1 or more, and the axis, one element in [-rank, rank-1]. */
    public static final OpSchema SCHEMA = OpSchema.of("CumProd")
            .input("x", "T")
            .input("axis", "I")
            .output("y", "T")
            .where("T", DATA)
            .where("I", Types.INDICES)
            .numerics(new Numerics(8, 8));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static CumProd of(Attributes a) {
        return new CumProd(a.flag("exclusive", false), a.flag("reverse", false));
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
        return Cumulative.reference(in, exclusive, reverse, 1, (a, b) -> a * b, (a, b) -> a * b);
    }
}
