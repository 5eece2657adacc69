package dev.tenon.plan;

import dev.tenon.graph.Node;
import dev.tenon.kernel.Kernel;
import java.util.List;

/** One step of a plan. Views and what was computed while planning are no steps. */
public sealed interface Step {
    /**
     * The node that the step computes.
     *
     * @return the node
     */
    Node node();

    /**
     * The name of what computes it.
     *
     * @return a kernel's id, or {@code reference}
     */
    String kernelId();

    /**
     * A step by a prepared kernel: all shapes are known.
     *
     * @param node the node
     * @param kernel the kernel
     * @param operands inputs, then outputs; null for absent ones
     */
    record KernelStep(Node node, Kernel kernel, List<KernelOperand> operands) implements Step {
        @Override
        public String kernelId() {
            return kernel.id();
        }
    }

    /**
     * A step on data as it comes: kernels are chosen when the shapes are known, else the operator's reference runs.
     *
     * @param node the node
     * @param inputs the places of the inputs, null for absent ones
     * @param outputs the places of the outputs, null for absent ones
     * @param released slots that nobody reads after this step
     */
    record DatumStep(Node node, List<Place> inputs, List<Place> outputs, List<Integer> released) implements Step {
        @Override
        public String kernelId() {
            return "reference";
        }
    }
}
