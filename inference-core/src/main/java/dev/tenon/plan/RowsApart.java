package dev.tenon.plan;

import dev.tenon.kernel.Kernel;
import dev.tenon.plan.Place.InBuffer;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Lets steps that are planned already write their results as parts of the rows of a larger tensor, by kernels that leave
 * alone what lies between.
 *
 * @param buffers the buffers of the plan in the making
 * @param steps its steps so far, which are replaced
 * @param node the index of the node that joins the results
 */
record RowsApart(List<Draft> buffers, List<Step> steps, int node) {
    /**
     * Replaces the steps that write some values, if each has a kernel for that and nobody else reads any of the values.
     *
     * @param parts the values, each all of a buffer of its own
     * @param whole the type of the tensor whose rows they are to be parts of
     * @return false if nothing was replaced
     */
    boolean write(List<InBuffer> parts, TensorType whole) {
        long pitch = row(whole);
        if (pitch > Integer.MAX_VALUE || whole.shape().knownElements() == 0) {
            return false;
        }
        List<Step.KernelStep> apart = new ArrayList<>();
        for (InBuffer part : parts) {
            Step.KernelStep step = writer(part);
            Kernel kernel = step == null ? null : step.kernel().withOutputRowStride((int) pitch);
            if (kernel == null) {
                return false;
            }
            // From the first element of the part to its last one.
            long elements = whole.shape().knownElements() - pitch + row(part.type());
            long bytes = whole.dtype().byteSize(elements);
            List<KernelOperand> operands = new ArrayList<>(step.operands());
            operands.set(step.node().inputs().size(), new KernelOperand.BufferOperand(part.buffer(), 0, bytes));
            apart.add(new Step.KernelStep(step.node(), step.types(), kernel, Collections.unmodifiableList(operands)));
        }
        for (int i = 0; i < apart.size(); i++) {
            steps.set(buffers.get(parts.get(i).buffer()).first, apart.get(i));
        }
        return true;
    }

    /** The elements of a row. */
    private static long row(TensorType type) {
        long[] dims = type.shape().toArray();
        return dims[dims.length - 1];
    }

    /** The step that writes a value and nothing else, or null if there is none or another step or node reads the value. */
    private Step.KernelStep writer(InBuffer value) {
        Draft d = buffers.get(value.buffer());
        return d.first >= 0
                        && d.last == d.first
                        && d.lastReader <= node
                        && steps.get(d.first) instanceof Step.KernelStep k
                        && k.node().outputs().size() == 1
                        && k.operands().get(k.node().inputs().size()) instanceof KernelOperand.BufferOperand b
                        && b.buffer() == value.buffer()
                ? k
                : null;
    }
}
