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
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
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
            .where("I", Types.INDICES);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    static CumProd of(Attributes a) {
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
    public Numerics numerics() {
        return new Numerics(8, 8);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Dim axis = Sizes.single(c, 1, "axis");
        if (axis != null && axis.isKnown() && data.hasRank()) {
            c.axis(axis.value(), data.rank(), "shape " + data);
        }
        return Sizes.tensor(c.dtype(0), data);
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor data = in.tensor(0);
        int at = in.axis(in.tensor(1).getLong(0), data.rank(), "shape " + data.shape());
        long n = data.dim(at);
        long inner = Moves.product(data.dims(), at + 1, data.rank());
        long lines = n == 0 ? 0 : data.size() / n;
        for (long line = 0; line < lines; line++) {
            long first = line / inner * n * inner + line % inner;
            double real = 1;
            long whole = 1;
            for (long i = 0; i < n; i++) {
                long e = first + (reverse ? n - 1 - i : i) * inner;
                double realBefore = real;
                long wholeBefore = whole;
                if (data.dtype().isFloating()) {
                    real *= data.getDouble(e);
                    out.setDouble(e, exclusive ? realBefore : real);
                } else {
                    whole *= data.getLong(e);
                    out.setLong(e, exclusive ? wholeBefore : whole);
                }
            }
        }
        return List.of(out);
    }
}
