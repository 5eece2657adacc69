package dev.tenon.op.shape;

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
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The indices of all elements that are not zero, false or empty, in row-major order. Each has one column. NaN is not
 * zero. A scalar gives no rows.
 */
public record NonZero() implements Op {
    /** Parameters: any tensor. Result: int64 of shape [rank, count]. */
    private static final OpSchema SCHEMA = OpSchema.of("NonZero")
            .input("X", "T")
            .output("Y", "S")
            .where("T", Types.ALL)
            .where("S", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape shape = c.shape(0);
        Dim rank = shape.hasRank() ? Dim.of(shape.rank()) : c.freshDim();
        return Sizes.tensor(DType.INT64, Shape.of(rank, c.freshDim()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor data = in.tensor(0);
        long count = 0;
        for (long i = 0; i < data.size(); i++) {
            count += isNonZero(data, i) ? 1 : 0;
        }
        Tensor out = Tensor.allocate(DType.INT64, data.rank(), count);
        long[] dims = data.dims();
        long[] index = new long[dims.length];
        long column = 0;
        for (long i = 0; i < data.size(); i++) {
            if (isNonZero(data, i)) {
                for (int d = 0; d < index.length; d++) {
                    out.setLong(d * count + column, index[d]);
                }
                column++;
            }
            RowMajor.advance(index, dims);
        }
        return List.of(out);
    }

    private static boolean isNonZero(Tensor t, long i) {
        return switch (t.dtype()) {
            case STRING -> t.getUtf8(i).length > 0;
            case COMPLEX64, COMPLEX128 -> t.getReal(i) != 0 || t.getImaginary(i) != 0;
            default -> t.getBoolean(i);
        };
    }
}
