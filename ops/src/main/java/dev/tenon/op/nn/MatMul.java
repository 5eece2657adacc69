package dev.tenon.op.nn;

import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.MatrixProduct;
import dev.tenon.op.geometry.StridedVector;
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
                StridedVector x = new StridedVector(a, left + row * p.k(), 1);
                for (long column = 0; column < p.n(); column++, out++) {
                    StridedVector z = new StridedVector(b, right + column, p.n());
                    if (a.dtype().isFloating()) {
                        y.setDouble(out, x.dot(z, p.k()));
                    } else {
                        y.setLong(out, x.integerDot(z, p.k()));
                    }
                }
            }
        }
        return List.of(y);
    }
}
