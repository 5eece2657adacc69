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
import java.util.Set;

/**
 * The product of stacks of quantised matrices, quantised again: {@code y = saturate(round_half_even(s * (a_scale *
 * b_scale / y_scale)) + y_zero_point)}. Here s is the sum of products minus zero points, exact for integers. The factor
 * and its product with s are float32. The shapes are those of {@link dev.tenon.op.nn.MatMul}. Scales and zero points
 * are like those of {@link MatMulInteger}; y has them for its rows.
 */
public record QLinearMatMul() implements Op {
    private static final Set<DType> OPERANDS = Types.union(Quantized.BYTES, Quantized.FLOAT8);

    /** Inputs a and b, each followed by its scale and zero point, then scale and zero point of the output y. */
    private static final OpSchema SCHEMA = OpSchema.of("QLinearMatMul")
            .input("a", "T1")
            .input("a_scale", "TS")
            .input("a_zero_point", "T1")
            .input("b", "T2")
            .input("b_scale", "TS")
            .input("b_zero_point", "T2")
            .input("y_scale", "TS")
            .input("y_zero_point", "T3")
            .output("y", "T3")
            .where("TS", Types.set(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16))
            .where("T1", OPERANDS)
            .where("T2", OPERANDS)
            .where("T3", OPERANDS);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        QuantizationParameter.check(c, 1, 0, true);
        QuantizationParameter.check(c, 2, 0, true);
        QuantizationParameter.check(c, 4, 3, false);
        QuantizationParameter.check(c, 5, 3, false);
        QuantizationParameter.check(c, 6, 0, true);
        QuantizationParameter.check(c, 7, 0, true);
        return List.of(new TensorType(c.dtype(7), MatrixProduct.infer(c, c.shape(0), c.shape(3))));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(3);
        MatrixProduct p = MatrixProduct.of(a.dims(), b.dims());
        Tensor y = Tensor.allocate(in.tensor(7).dtype(), p.output());
        QuantizationParameter[] parameters = new QuantizationParameter[8];
        for (int i : new int[] {1, 2, 6, 7}) {
            parameters[i] = QuantizationParameter.ofRows(in.tensor(i));
        }
        parameters[4] = QuantizationParameter.ofColumns(in.tensor(4));
        parameters[5] = QuantizationParameter.ofColumns(in.tensor(5));
        for (long i = 0; i < y.size(); i++) {
            long column = i % p.n();
            long row = i / p.n() % p.m();
            long matrix = i / p.n() / p.m();
            float scale = parameters[1].real(p, matrix, row)
                    * parameters[4].real(p, matrix, column)
                    / parameters[6].real(p, matrix, row);
            StridedVector x = new StridedVector(a, p.leftOffset(matrix) + row * p.k(), 1);
            StridedVector z = new StridedVector(b, p.rightOffset(matrix) + column, p.n());
            double xZero = parameters[2].real(p, matrix, row);
            double sum = dot(x, xZero, z, parameters[5].real(p, matrix, column), p.k());
            Quantized.store(y, i, (float) sum * scale, parameters[7].real(p, matrix, row), true);
        }
        return List.of(y);
    }

    private static double dot(StridedVector x, double xZero, StridedVector z, double zZero, long length) {
        double sum = 0;
        for (long i = 0; i < length; i++) {
            sum += (x.getDouble(i) - xZero) * (z.getDouble(i) - zZero);
        }
        return sum;
    }
}
