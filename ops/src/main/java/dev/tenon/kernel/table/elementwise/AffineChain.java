package dev.tenon.kernel.table.elementwise;

import dev.tenon.kernel.elementwise.TernaryLoop;
import dev.tenon.kernel.vector.elementwise.VectorAffine;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Mul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.List;

/**
 * Successive operators of a body that one loop computes: a multiplication by a scalar and an addition of a scalar, optionally after
 * a HardSwish. Nothing else reads the values between them.
 *
 * @param length the number of operators
 * @param afterHardSwish whether the first is a HardSwish
 * @param operands the values that the loop reads: the scaled value, the factor, the term
 */
record AffineChain(int length, boolean afterHardSwish, List<Integer> operands) {
    /** An estimate of the work, picoseconds for an element. */
    static final long PICOS = 120;

    /** The vectors of a granule. */
    static final int VECTORS = 2;

    /**
     * Finds the chain that starts at an operator of the body.
     *
     * @param op the fused operator
     * @param types the types of its values
     * @param index the operator's index in the body
     * @return the chain, or null if there is none
     */
    static AffineChain find(Fused op, List<TensorType> types, int index) {
        Fused.Part first = op.body().get(index);
        boolean hardSwish = first.op() instanceof HardSwish;
        int mul = hardSwish ? index + 1 : index;
        int x = first.operands().getFirst();
        int factor = scalar(op, types, mul, Mul.class, hardSwish ? value(op, index) : Fused.ABSENT);
        int term = factor < 0 ? -1 : scalar(op, types, mul + 1, Add.class, value(op, mul));
        if (term < 0) {
            return null;
        }
        if (hardSwish) {
            return new AffineChain(3, true, List.of(x, factor, term));
        }
        int scaled = first.operands().get(x == factor ? 1 : 0);
        return new AffineChain(2, false, List.of(scaled, factor, term));
    }

    /** The loop, for machines with vectors. */
    TernaryLoop loop() {
        return afterHardSwish ? VectorAffine::hardSwish : VectorAffine::affine;
    }

    private static int value(Fused op, int index) {
        return op.inputs() + (op.anchor() == null ? 0 : 1) + index;
    }

    /**
     * The scalar float32 input that an operator combines with a value.
     *
     * @param other the value, which only this operator reads; {@link Fused#ABSENT} for any value
     * @return the input, or -1 if there is none
     */
    private static int scalar(Fused op, List<TensorType> types, int index, Class<? extends Op> type, int other) {
        if (index >= op.body().size() || !type.isInstance(op.body().get(index).op())) {
            return -1;
        }
        List<Integer> operands = op.body().get(index).operands();
        if (other != Fused.ABSENT && (!operands.contains(other) || op.uses(other) != 1)) {
            return -1;
        }
        for (int operand : operands) {
            boolean single = operand >= 0
                    && operand < op.inputs()
                    && types.get(operand).dtype() == DType.FLOAT32
                    && types.get(operand).shape().knownElements() == 1;
            if (single && operand != other) {
                return operand;
            }
        }
        return -1;
    }
}
