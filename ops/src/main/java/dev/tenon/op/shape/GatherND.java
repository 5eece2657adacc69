package dev.tenon.op.shape;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
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
 * Takes slices of the data. The last dimension of the indices holds the first coordinates of a slice, after the batch
 * dimensions that both have in common. Negative coordinates count from the end.
 *
 * @param batchDims the number of batch dimensions, below the rank of both
 */
public record GatherND(int batchDims) implements Op {
    /** Parameters: the data, and the indices, int64, both of rank 1 or more. */
    public static final OpSchema SCHEMA = OpSchema.of("GatherND")
            .input("data", "T")
            .input("indices", "S")
            .output("output", "T")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    /**
     * Checks the number of batch dimensions.
     *
     * @param batchDims the number of batch dimensions, below the rank of both
     * @throws InvalidOperandException if it is negative
     */
    public GatherND {
        if (batchDims < 0) {
            throw new InvalidOperandException("GatherND", "batch_dims " + batchDims, "0 and above", null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static GatherND of(Attributes a) {
        return new GatherND(a.int32("batch_dims", 0));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("batch_dims", batchDims, 0);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Shape indices = c.shape(1);
        if (!data.hasRank() || !indices.hasRank()) {
            return Sizes.tensor(c.dtype(0), Shape.unknownRank());
        }
        if (data.rank() <= batchDims || indices.rank() <= batchDims) {
            throw c.error(
                    "batch_dims " + batchDims + " for shapes " + data + " and " + indices, "below both ranks", null);
        }
        List<Dim> dims = new ArrayList<>();
        for (int d = 0; d < batchDims; d++) {
            dims.add(Sizes.same(c, data.dim(d), indices.dim(d), "batch dimension " + d));
        }
        Dim width = indices.dim(-1);
        if (!width.isKnown()) {
            return Sizes.tensor(c.dtype(0), Shape.unknownRank());
        }
        if (width.value() < 1 || width.value() > data.rank() - batchDims) {
            throw c.error(
                    "indices of shape " + indices + " have " + width + " coordinates for data of shape " + data,
                    "[1, " + (data.rank() - batchDims) + "]",
                    null);
        }
        dims.addAll(indices.dims().subList(batchDims, indices.rank() - 1));
        dims.addAll(data.dims().subList(batchDims + (int) width.value(), data.rank()));
        return Sizes.tensor(c.dtype(0), Shape.of(dims));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor out = Moves.allocate(in.inferOutputs().get(0));
        Tensor data = in.tensor(0);
        Tensor indices = in.tensor(1);
        int width = (int) indices.dim(-1);
        long[] strides = RowMajor.strides(data.dims());
        long inner = RowMajor.size(data.dims(), batchDims + width, data.rank());
        long batches = RowMajor.size(data.dims(), 0, batchDims);
        long tuples = indices.size() / width;
        for (long t = 0; t < tuples; t++) {
            long from = batchDims == 0 ? 0 : t / (tuples / batches) * strides[batchDims - 1];
            for (int d = 0; d < width; d++) {
                int axis = batchDims + d;
                from += Indices.check(in, indices.getLong(t * width + d), data.dim(axis)) * strides[axis];
            }
            for (long e = 0; e < inner; e++) {
                data.copyElementTo(from + e, out, t * inner + e);
            }
        }
        return List.of(out);
    }
}
