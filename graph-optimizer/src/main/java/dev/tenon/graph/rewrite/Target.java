package dev.tenon.graph.rewrite;

import dev.tenon.graph.Value;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The kernels and the machine that a graph is rewritten for. Rules and passes ask it whether a kernel takes an operator before
 * they make one. Immutable and safe for any number of threads.
 *
 * @param kernels the kernels of the session
 * @param machine the machine
 */
@SuppressWarnings("exports") // for sessions, which know the machine
public record Target(KernelSet kernels, Capabilities machine) {
    private static final Target STANDARD = new Target(CoreKernels.set(), Capabilities.avx512());

    /**
     * The kernels of the standard's operators on a machine with vectors of 512 bits, which does not multiply bytes.
     *
     * @return the target of graphs that are rewritten without a session
     */
    public static Target standard() {
        return STANDARD;
    }

    /**
     * Why no kernel computes an operator, as far as that is known before the shapes of a call are.
     *
     * @param op the operator
     * @param operands its operands, null for those that are left out
     * @param results its results, null for those that nothing reads
     * @return the reason; null if there is a kernel for some shapes at least
     */
    public String reasonAgainst(Op op, List<Value> operands, List<Value> results) {
        return kernels.reasonAgainst(op, request(types(operands), types(results), constants(operands)));
    }

    /**
     * The same for an operator of which only the constant operands are known.
     *
     * @param op the operator
     * @param constants the operands, null for those that are not constant
     * @return the reason; null if there is a kernel for some shapes at least
     */
    public String reasonAgainst(Op op, List<Tensor> constants) {
        return kernels.reasonAgainst(op, request(Collections.nCopies(constants.size(), null), List.of(), constants));
    }

    /**
     * Why no kernel of an operator takes rows one by one, as far as that is known before the shapes of a call are.
     *
     * @param op the operator
     * @param operands its operands, null for those that are left out
     * @return the reason; null if a kernel takes rows
     */
    public String reasonAgainstRows(Op op, List<Value> operands) {
        return kernels.reasonAgainstRows(op, request(types(operands), List.of(), constants(operands)));
    }

    private KernelRequest request(List<TensorType> inputs, List<TensorType> outputs, List<Tensor> constants) {
        return new KernelRequest(
                inputs, outputs, Collections.nCopies(inputs.size(), Layout.ROW_MAJOR), constants, machine);
    }

    private static List<TensorType> types(List<Value> values) {
        List<TensorType> types = new ArrayList<>();
        for (Value v : values) {
            types.add(v == null ? null : v.tensorType());
        }
        return types;
    }

    /**
     * The constants among some values.
     *
     * @param values the values, null for those that are left out
     * @return a constant or null for each
     */
    public static List<Tensor> constants(List<Value> values) {
        List<Tensor> constants = new ArrayList<>();
        for (Value v : values) {
            constants.add(v == null || !v.isConstant() ? null : v.constant());
        }
        return constants;
    }
}
