package dev.tenon.kernel.table;

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
 * Operators of a body that follow each other and have one loop together: a multiplication by one number and an addition
 * of one, perhaps behind a HardSwish, of which nobody else uses what lies between them.
 *
 * @param length how many operators
 * @param curved whether the first is a HardSwish
 * @param operands the numbers of its operands: what is scaled, the factor, the term
 */
record AffineChain(int length, boolean curved, List<Integer> operands) {
    /** Picoseconds for an element, roughly. */
    static final long PICOS = 120;

    /** Vectors of a granule. */
    static final int VECTORS = 2;

    /**
     * The run that starts at an operator of the body.
     *
     * @param op the fused operator
     * @param types the types of its values
     * @param index the operator's index in the body
     * @return the run, or null if there is none
     */
    static AffineChain at(Fused op, List<TensorType> types, int index) {
        Fused.Part first = op.body().get(index);
        boolean curved = first.op() instanceof HardSwish;
        int mul = curved ? index + 1 : index;
        int x = first.operands().getFirst();
        int factor = scalar(op, types, mul, Mul.class, curved ? value(op, index) : Fused.ABSENT);
        int term = factor < 0 ? -1 : scalar(op, types, mul + 1, Add.class, value(op, mul));
        if (term < 0) {
            return null;
        }
        if (curved) {
            return new AffineChain(3, true, List.of(x, factor, term));
        }
        int scaled = first.operands().get(x == factor ? 1 : 0);
        return new AffineChain(2, false, List.of(scaled, factor, term));
    }

    /** Their loop, on machines that have vectors. */
    TernaryLoop loop() {
        return curved ? VectorAffine::hardSwish : VectorAffine::affine;
    }

    private static int value(Fused op, int index) {
        return op.inputs() + (op.anchor() == null ? 0 : 1) + index;
    }

    /**
     * The input of one float32 element that an operator combines with a value.
     *
     * @param other the value, which nobody else may use, or {@link Fused#ABSENT} if it may be any
     * @return the input, or -1
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
