package dev.tenon.kernel.elementwise;

import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One element-wise operator on operands of known shapes, which are broadcast to the shape of the result.
 *
 * @param op the operator; its attributes are parameters of the loop
 * @param inputs the types of the operands, null for operands that are left out
 * @param output the type of the result
 * @param outputIndex the index of the result among the operands of a kernel
 */
public record ElementwiseProblem(Op op, List<TensorType> inputs, TensorType output, int outputIndex) {
    /**
     * A problem.
     *
     * @param op the operator
     * @param inputs the types of the operands, null for operands that are left out
     * @param output the type of the result
     * @param outputIndex the index of the result among the operands of a kernel
     */
    public ElementwiseProblem {
        inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
    }

    /**
     * The element type of an operand.
     *
     * @param input the index of an operand that is given
     * @return its element type
     */
    public DType dtype(int input) {
        return inputs.get(input).dtype();
    }
}
