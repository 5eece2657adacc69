package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A copy of the data into which updates are written or reduced. An update goes to its own place, but along the axis to
 * the index: {@code out[indices[i][j]][j] = updates[i][j]} for axis 0. Negative indices count from the end. If several
 * updates replace the same element, the last one holds.
 *
 * @param axis in [-rank, rank-1]
 * @param reduction one of none, add, mul, max, min
 */
public record ScatterElements(int axis, String reduction) implements Op {
    /** Parameters: the data; the indices, of the same rank, which is 1 or more; the updates, of the indices' shape. */
    public static final OpSchema SCHEMA = OpSchema.of("ScatterElements")
            .input("data", "T")
            .input("indices", "I")
            .input("updates", "T")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("I", Types.INDICES);

    /**
     * Checks the reduction.
     *
     * @param axis in [-rank, rank-1]
     * @param reduction one of none, add, mul, max, min
     * @throws InvalidOperandException if it is another word
     */
    public ScatterElements {
        Scatter.check("ScatterElements", reduction);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static ScatterElements of(Attributes a) {
        return new ScatterElements(a.int32("axis", 0), a.string("reduction", "none"));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("axis", axis, 0).unless("reduction", reduction, "none");
    }

    @Override
    public Numerics numerics() {
        return Scatter.numerics(reduction);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Scatter.checkType(c, reduction);
        Shape indices = c.shape(1);
        Shape updates = c.shape(2);
        Indices.checkPlaces(c, axis, c.shape(0), indices);
        if (!indices.compatibleWith(updates)) {
            throw c.error("updates of shape " + updates, "shape " + indices + " of the indices", null);
        }
        return Sizes.tensor(c.dtype(0), c.shape(0));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor data = in.tensor(0);
        Tensor indices = in.tensor(1);
        Tensor updates = in.tensor(2);
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        long[] strides = RowMajor.strides(data.dims());
        long[] dims = indices.dims();
        long[] index = new long[dims.length];
        Scatter scatter = new Scatter(data, reduction);
        for (long i = 0; i < indices.size(); i++) {
            long to = Indices.check(in, indices.getLong(i), data.dim(at));
            scatter.put(updates, i, RowMajor.offset(index, strides) + (to - index[at]) * strides[at]);
            RowMajor.advance(index, dims);
        }
        return List.of(scatter.result());
    }
}
