package dev.tenon.op.quant;

import dev.tenon.op.InferContext;
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
 * The product of stacks of matrices of 8-bit integers minus their zero points, in int32 with wrap-around. The shapes
 * are those of {@link dev.tenon.op.nn.MatMul}. A zero point is a scalar, or one number for each row of A (each column
 * of B), or a tensor of the operand's rank whose other one of the last two dimensions is 1.
 */
public record MatMulInteger() implements Op {
    /** Inputs A and B and optionally their zero points, output Y. */
    private static final OpSchema SCHEMA = OpSchema.of("MatMulInteger")
            .input("A", "T1")
            .input("B", "T2")
            .optional("a_zero_point", "T1")
            .optional("b_zero_point", "T2")
            .output("Y", "T3")
            .where("T1", Quantized.BYTES)
            .where("T2", Quantized.BYTES)
            .where("T3", Types.set(DType.INT32));

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        QuantizationParameter.check(c, 2, 0, true);
        QuantizationParameter.check(c, 3, 1, false);
        return List.of(new TensorType(DType.INT32, MatrixProduct.infer(c, c.shape(0), c.shape(1))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(1);
        MatrixProduct p = MatrixProduct.of(a.dims(), b.dims());
        Tensor y = Tensor.allocate(DType.INT32, p.output());
        QuantizationParameter rowZero = QuantizationParameter.ofRows(in.tensorOrNull(2));
        QuantizationParameter columnZero = QuantizationParameter.ofColumns(in.tensorOrNull(3));
        long out = 0;
        for (long matrix = 0, count = y.size() == 0 ? 0 : p.count(); matrix < count; matrix++) {
            long left = p.leftOffset(matrix);
            long right = p.rightOffset(matrix);
            for (long row = 0; row < p.m(); row++) {
                StridedVector x = new StridedVector(a, left + row * p.k(), 1);
                long xZero = rowZero.integer(p, matrix, row);
                for (long column = 0; column < p.n(); column++) {
                    StridedVector z = new StridedVector(b, right + column, p.n());
                    y.setLong(out++, dot(x, xZero, z, columnZero.integer(p, matrix, column), p.k()));
                }
            }
        }
        return List.of(y);
    }

    private static long dot(StridedVector x, long xZero, StridedVector z, long zZero, long length) {
        long sum = 0;
        for (long i = 0; i < length; i++) {
            sum += (x.getLong(i) - xZero) * (z.getLong(i) - zZero);
        }
        return sum;
    }
}
