package dev.tenon.op.nn;

import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.MatrixProduct;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The product of two matrices, or of stacks of them, as NumPy's matmul defines it; see {@link MatrixProduct} for the
 * shapes. Integers wrap around. Without a common dimension (k = 0) the result is zero.
 */
public record MatMul() implements Op {
    /** Inputs A and B, output Y. */
    static final OpSchema SCHEMA = OpSchema.of("MatMul")
            .input("A", "T")
            .input("B", "T")
            .output("Y", "T")
            .where("T", Types.union(Types.FLOATS, Types.set(DType.INT32, DType.INT64, DType.UINT32, DType.UINT64)))
            .numerics(Numerics.sum(16));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(c.dtype(0), MatrixProduct.infer(c, c.shape(0), c.shape(1))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(1);
        MatrixProduct p = MatrixProduct.of(a.dims(), b.dims());
        Tensor y = Tensor.allocate(a.dtype(), p.output());
        long out = 0;
        for (long matrix = 0, count = y.size() == 0 ? 0 : p.count(); matrix < count; matrix++) {
            long left = p.leftOffset(matrix);
            long right = p.rightOffset(matrix);
            for (long row = 0; row < p.m(); row++) {
                for (long column = 0; column < p.n(); column++) {
                    dot(a, left + row * p.k(), 1, b, right + column, p.n(), p.k(), y, out++);
                }
            }
        }
        return List.of(y);
    }

    private static void dot(
            Tensor a, long at, long step, Tensor b, long bAt, long bStep, long length, Tensor y, long target) {
        if (a.dtype().isFloating()) {
            y.setDouble(target, realDot(a, at, step, b, bAt, bStep, length));
        } else {
            y.setLong(target, integerDot(a, at, step, b, bAt, bStep, length));
        }
    }

    static double realDot(Tensor a, long at, long step, Tensor b, long bAt, long bStep, long length) {
        double sum = 0;
        for (long i = 0; i < length; i++) {
            sum += a.getDouble(at + i * step) * b.getDouble(bAt + i * bStep);
        }
        return sum;
    }

    static long integerDot(Tensor a, long at, long step, Tensor b, long bAt, long bStep, long length) {
        long sum = 0;
        for (long i = 0; i < length; i++) {
            sum += a.getLong(at + i * step) * b.getLong(bAt + i * bStep);
        }
        return sum;
    }
}
