package dev.tenon.kernel.elementwise;

import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One element-wise operator on operands of known shapes, broadcast to that of the result.
 *
 * @param op the operator, whose attributes are parameters of the loop
 * @param inputs the operands, null for those left out
 * @param output the result
 * @param place the index of the result among the operands of a kernel
 */
public record ElementwiseProblem(Op op, List<TensorType> inputs, TensorType output, int place) {
    /**
     * A problem.
     *
     * @param op the operator
     * @param inputs the operands, null for those left out
     * @param output the result
     * @param place the index of the result among the operands of a kernel
     */
    public ElementwiseProblem {
        inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
    }

    /**
     * The element type of an operand.
     *
     * @param input the index of an operand that is there
     * @return its element type
     */
    public DType dtype(int input) {
        return inputs.get(input).dtype();
    }
}
