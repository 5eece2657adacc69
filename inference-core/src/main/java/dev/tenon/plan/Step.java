package dev.tenon.plan;

import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.kernel.Kernel;
import dev.tenon.op.cost.Cost;
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
     * @return a kernel's id, or one of those that {@link DatumStep} names
     */
    String kernelId();

    /**
     * The types of the operands and outputs, as far as planning knows them.
     *
     * @return the types
     */
    StepTypes types();

    /**
     * The work of the step by its operator's definition.
     *
     * @return the cost, or null if a shape is not known or the operator holds bodies
     */
    default Cost cost() {
        return node().op() instanceof GraphOp
                ? null
                : Cost.of(node().op(), types().inputs(), types().outputs()).orElse(null);
    }

    /**
     * A step by a prepared kernel: all shapes are known.
     *
     * @param node the node
     * @param types the types of its operands and outputs
     * @param kernel the kernel
     * @param operands inputs, then outputs; null for absent ones
     */
    record KernelStep(Node node, StepTypes types, Kernel kernel, List<KernelOperand> operands) implements Step {
        @Override
        public String kernelId() {
            return kernel.id();
        }
    }

    /**
     * A step on data as it comes: kernels are chosen when the shapes are known, else the operator's reference runs.
     *
     * @param node the node
     * @param types the types of its operands and outputs
     * @param kernelId how the step is computed: {@code reference}, {@code bodies} for control operators, {@code as shapes
     *     come} where a kernel is chosen for the shapes at hand
     * @param inputs the places of the inputs, null for absent ones
     * @param outputs the places of the outputs, null for absent ones
     * @param released slots that nobody reads after this step
     */
    record DatumStep(
            Node node,
            StepTypes types,
            String kernelId,
            List<Place> inputs,
            List<Place> outputs,
            List<Integer> released)
            implements Step {}
}
