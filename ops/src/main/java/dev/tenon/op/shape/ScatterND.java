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
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of the data into which slices are written or reduced. The last dimension of the indices holds the first
 * coordinates of a slice. Negative coordinates count from the end. If several updates replace the same slice, the last
 * one holds.
 *
 * @param reduction one of none, add, mul, max, min
 */
public record ScatterND(String reduction) implements Op {
    /** Parameters: the data; the indices, int64, both of rank 1 or more; the updates, one slice for each index. */
    public static final OpSchema SCHEMA = OpSchema.of("ScatterND")
            .input("data", "T")
            .input("indices", "S")
            .input("updates", "T")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    /**
     * Checks the reduction.
     *
     * @param reduction one of none, add, mul, max, min
     * @throws InvalidOperandException if it is another word
     */
    public ScatterND {
        Scatter.check("ScatterND", reduction);
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static ScatterND of(Attributes a) {
        return new ScatterND(a.string("reduction", "none"));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("reduction", reduction, "none");
    }

    @Override
    public Numerics numerics() {
        return Scatter.numerics(reduction);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Scatter.checkType(c, reduction);
        Shape data = c.shape(0);
        Shape indices = c.shape(1);
        if (data.hasRank() && indices.hasRank()) {
            checkShapes(c, data, indices);
        }
        return Sizes.tensor(c.dtype(0), data);
    }

    private static void checkShapes(InferContext c, Shape data, Shape indices) {
        if (data.rank() == 0 || indices.rank() == 0) {
            throw c.error("data of shape " + data + " and indices of shape " + indices, "ranks of 1 and more", null);
        }
        Dim width = indices.dim(-1);
        if (!width.isKnown()) {
            return;
        }
        if (width.value() < 1 || width.value() > data.rank()) {
            throw c.error(
                    "indices of shape " + indices + " have " + width + " coordinates for data of shape " + data,
                    "[1, " + data.rank() + "]",
                    null);
        }
        List<Dim> dims = new ArrayList<>(indices.dims().subList(0, indices.rank() - 1));
        dims.addAll(data.dims().subList((int) width.value(), data.rank()));
        if (!Shape.of(dims).compatibleWith(c.shape(2))) {
            throw c.error("updates of shape " + c.shape(2), "shape " + Shape.of(dims), null);
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor data = in.tensor(0);
        Tensor indices = in.tensor(1);
        Tensor updates = in.tensor(2);
        int width = (int) indices.dim(-1);
        long[] strides = RowMajor.strides(data.dims());
        long inner = RowMajor.size(data.dims(), width, data.rank());
        long tuples = indices.size() / width;
        Scatter scatter = new Scatter(data, reduction);
        for (long t = 0; t < tuples; t++) {
            long to = 0;
            for (int d = 0; d < width; d++) {
                to += Indices.check(in, indices.getLong(t * width + d), data.dim(d)) * strides[d];
            }
            for (long e = 0; e < inner; e++) {
                scatter.put(updates, t * inner + e, to + e);
            }
        }
        return List.of(scatter.result());
    }
}
