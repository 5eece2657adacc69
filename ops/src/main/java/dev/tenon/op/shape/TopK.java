package dev.tenon.op.shape;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.Arrays;
import java.util.List;

/**
 * The k largest or smallest elements along an axis, and their indices. Of equal elements, the one with the lower index
 * comes first. NaN counts as larger than every number. The result is always sorted.
 *
 * @param axis in [-rank, rank-1]
 * @param largest whether the largest are taken
 * @param sorted whether the result must be sorted; it is sorted in any case
 */
public record TopK(int axis, boolean largest, boolean sorted) implements Op {
    /** Parameters: the data, of rank 1 or more; k, one element, at most the dimension. Results: values and indices. */
    public static final OpSchema SCHEMA = OpSchema.of("TopK")
            .input("X", "T")
            .input("K", "S")
            .output("Values", "T")
            .output("Indices", "S")
            .where("T", Types.NUMBERS)
            .where("S", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static TopK of(Attributes a) {
        return new TopK(a.int32("axis", -1), a.flag("largest", true), a.flag("sorted", true));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("axis", axis, -1)
                .unless("largest", largest, true)
                .unless("sorted", sorted, true);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape data = c.shape(0);
        Dim k = Sizes.single(c, 1, "K");
        if (k != null && k.orElse(0) < 0) {
            throw c.error("K is " + k, "0 and above", null);
        }
        Shape out = Shape.unknownRank();
        if (data.hasRank()) {
            int at = c.axis(axis, data.rank(), "shape " + data);
            Dim dim = data.dim(at);
            if (k != null && k.isKnown() && dim.isKnown() && k.value() > dim.value()) {
                throw c.error("K is " + k + " for axis " + axis + " of shape " + data, "at most " + dim, null);
            }
            out = data.withDim(at, k == null || !Sizes.isNonNegative(k) ? c.freshDim() : k);
        }
        return List.of(new TensorType(c.dtype(0), out), new TensorType(DType.INT64, out));
    }

    @Override
    public List<Datum> reference(Operands in) {
        List<ValueType> types = in.inferOutputs();
        Tensor data = in.tensor(0);
        Tensor values = Moves.allocate(types.get(0));
        Tensor indices = Moves.allocate(types.get(1));
        if (values.size() == 0) {
            return List.of(values, indices);
        }
        int at = in.axis(axis, data.rank(), "shape " + data.shape());
        int n = Math.toIntExact(data.dim(at));
        int k = (int) values.dim(at);
        long inner = RowMajor.size(data.dims(), at + 1, data.rank());
        long lines = values.size() / k;
        Integer[] order = new Integer[n];
        for (long line = 0; line < lines; line++) {
            long outer = line / inner;
            long first = outer * n * inner + line % inner;
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, (a, b) -> {
                int compared = Order.compare(data, first + a * inner, data, first + b * inner);
                return largest ? -compared : compared;
            });
            for (int i = 0; i < k; i++) {
                long j = (outer * k + i) * inner + line % inner;
                data.copyElementTo(first + order[i] * inner, values, j);
                indices.setLong(j, order[i]);
            }
        }
        return List.of(values, indices);
    }
}
