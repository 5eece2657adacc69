package dev.tenon.plan;

import dev.tenon.kernel.Kernel;
import dev.tenon.plan.ValueLocation.InBuffer;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Replaces planned steps by steps that write their results as parts of the rows of a larger tensor. The kernels of
 * these steps write each row with a stride, and do not touch the elements between their parts.
 *
 * @param buffers the buffers of the unfinished plan
 * @param steps its steps so far, some of which are replaced
 * @param node the index of the node that joins the results
 */
record StridedOutput(List<UnplacedBuffer> buffers, List<Step> steps, int node) {
    /**
     * Replaces the steps that write some values, if each step has such a kernel and no other node reads the values.
     *
     * @param parts the values, each of which is all of a buffer of its own
     * @param whole the type of the larger tensor
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
            // A part may be a view of what the step writes, with longer rows than those that the kernel knows.
            boolean writesRows =
                    step != null && row((TensorType) step.types().outputs().getFirst()) == row(part.type());
            Kernel kernel = writesRows ? step.kernel().withOutputRowStride((int) pitch) : null;
            if (kernel == null) {
                return false;
            }
            // From the first element of the part to its last one.
            long elements = whole.shape().knownElements() - pitch + row(part.type());
            long bytes = whole.dtype().byteSize(elements);
            List<KernelOperand> operands = new ArrayList<>(step.operands());
            operands.set(step.node().inputs().size(), new KernelOperand.BufferOperand(part.buffer(), 0, bytes));
            apart.add(new Step.KernelStep(step.node(), step.request(), kernel, Collections.unmodifiableList(operands)));
        }
        for (int i = 0; i < apart.size(); i++) {
            steps.set(buffers.get(parts.get(i).buffer()).first, apart.get(i));
        }
        return true;
    }

    /** The number of elements of a row. */
    private static long row(TensorType type) {
        long[] dims = type.shape().toArray();
        return dims[dims.length - 1];
    }

    /**
     * The step that writes a value and nothing else. Null if there is none, or if a step or another node reads the
     * value.
     */
    private Step.KernelStep writer(InBuffer value) {
        UnplacedBuffer d = buffers.get(value.buffer());
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
