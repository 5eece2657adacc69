package dev.tenon.plan;

import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.cost.Cost;
import java.util.List;

/** One step of a plan. A node that is a view, or that planning computes, has no step. */
public sealed interface Step {
    /**
     * The node that the step computes.
     *
     * @return the node
     */
    Node node();

    /**
     * How the step is computed.
     *
     * @return the id of a kernel, or a name that {@link DynamicStep} lists
     */
    String kernelId();

    /**
     * The types of the operands and outputs, as far as planning knows them.
     *
     * @return the types
     */
    StepTypes types();

    /**
     * The request for a kernel while planning.
     *
     * @return the request; null if a shape is only known when the step runs
     */
    KernelRequest request();

    /**
     * Why no better kernel computes the step. The kernels are asked again.
     *
     * @param kernels the kernels of the step's program
     * @return a line for each better kernel, or for each reason why the reference runs; empty if there are none, or if a shape is
     *     only known when the step runs
     */
    default List<String> refusals(KernelSet kernels) {
        if (node().op() instanceof GraphOp) {
            return List.of();
        }
        if (!kernels.has(node().op())) {
            return List.of(
                    "runs by reference: there is no kernel of " + node().op().title());
        }
        if (request() == null) {
            return List.of();
        }
        List<String> lines = kernels.refusals(node().op(), request());
        return this instanceof KernelStep
                ? lines
                : lines.stream().map(line -> "runs by reference: " + line).toList();
    }

    /**
     * The work of the step by its operator's definition.
     *
     * @return the cost, or null if a shape is not known or the operator has bodies
     */
    default Cost cost() {
        return node().op() instanceof GraphOp
                ? null
                : Cost.of(node().op(), types().inputs(), types().outputs()).orElse(null);
    }

    /**
     * A step with a prepared kernel. All shapes are known.
     *
     * @param node the node
     * @param request what the kernel is prepared for
     * @param kernel the kernel
     * @param operands inputs, then outputs; null for those that are left out
     */
    record KernelStep(Node node, KernelRequest request, Kernel kernel, List<KernelOperand> operands) implements Step {
        @Override
        public StepTypes types() {
            return new StepTypes(request.inputs(), request.outputs());
        }

        @Override
        public String kernelId() {
            return kernel.id();
        }
    }

    /**
     * A step that is prepared when it runs. A control operator runs its bodies. Another operator runs a kernel that is
     * selected for the shapes at hand, or its reference.
     *
     * @param node the node
     * @param types the types of its operands and outputs
     * @param request what a kernel was asked for in vain; null if a shape is only known when the step runs
     * @param kernelId {@code bodies} for control operators, {@code as shapes come} if a kernel is selected when the
     *     step runs, else {@code reference}
     * @param inputs the locations of the inputs, null for inputs that are left out
     * @param outputs the locations of the outputs, null for outputs that are left out
     * @param released slots that are not read after this step
     */
    record DynamicStep(
            Node node,
            StepTypes types,
            KernelRequest request,
            String kernelId,
            List<ValueLocation> inputs,
            List<ValueLocation> outputs,
            List<Integer> released)
            implements Step {}
}
