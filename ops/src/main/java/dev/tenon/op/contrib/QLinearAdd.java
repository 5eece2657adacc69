package dev.tenon.op.contrib;

import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.geometry.Broadcasting;
import dev.tenon.op.math.Add;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * The sum of two tensors of quantised numbers, quantised again: {@code y = saturate(round_half_even(a * p + (b * q + r)))}.
 * Here p is {@code a_scale / y_scale}, q is {@code b_scale / y_scale}, and r is {@code y_zero - (p * a_zero + q * b_zero)}.
 * Every operation is one of float32, so that the result is the same everywhere. A NaN becomes the least number. The tensors are
 * broadcast to each other.
 */
public record QLinearAdd() implements Op {
    /** Inputs A and B, each followed by its scale and zero point, then those of the output; output C. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "QLinearAdd")
            .input("A", "T")
            .input("A_scale", "S")
            .optional("A_zero_point", "T")
            .input("B", "T")
            .input("B_scale", "S")
            .optional("B_zero_point", "T")
            .input("C_scale", "S")
            .optional("C_zero_point", "T")
            .output("C", "T")
            .where("S", Types.FLOAT32)
            .where("T", Types.set(DType.INT8, DType.UINT8));

    private static final int B = 3;
    private static final int C_SCALE = 6;

    /**
     * The numbers that a sum is made with.
     *
     * @param a the factor of the first operand
     * @param b the factor of the second operand
     * @param fixed what is added to every sum
     */
    public record Terms(float a, float b, float fixed) {
        /**
         * The numbers that follow from scales and zero points.
         *
         * @param operands the operands by their index; null stands for a zero point of 0, and only those of the parameters
         *     are read
         * @return the numbers
         */
        public static Terms of(List<Tensor> operands) {
            float unit = operands.get(C_SCALE).getFloat(0);
            float a = operands.get(1).getFloat(0) / unit;
            float b = operands.get(B + 1).getFloat(0) / unit;
            float zeros = a * zero(operands, 2) + b * zero(operands, B + 2);
            return new Terms(a, b, zero(operands, C_SCALE + 1) - zeros);
        }

        private static float zero(List<Tensor> operands, int i) {
            return i < operands.size() && operands.get(i) != null
                    ? operands.get(i).getLong(0)
                    : 0;
        }
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        for (int i : new int[] {1, 2, B + 1, B + 2, C_SCALE, C_SCALE + 1}) {
            if (c.has(i)) {
                OperandShape.of(c, i).single();
            }
        }
        List<InferContext.Operand> operands =
                List.of(new InferContext.Operand(c.type(0)), new InferContext.Operand(c.type(B)));
        return new Add().infer(c.part(new Add(), operands, 1));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor y = Tensor.allocate(type.dtype(), type.shape().toArray());
        Tensor a = in.tensor(0);
        Tensor b = in.tensor(B);
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
            all.add(in.has(i) ? in.tensor(i) : null);
        }
        Terms terms = Terms.of(all);
        for (long i = 0; i < y.size(); i++) {
            float first = a.getLong(Broadcasting.offset(i, y.dims(), a.dims())) * terms.a;
            float second = b.getLong(Broadcasting.offset(i, y.dims(), b.dims())) * terms.b + terms.fixed;
            double sum = Math.rint(first + second);
            long least = type.dtype().minInteger();
            y.setLong(
                    i, sum >= least ? (long) Math.min(sum, (double) type.dtype().maxInteger()) : least);
        }
        return List.of(y);
    }
}
