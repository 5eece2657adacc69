package dev.tenon;

import dev.tenon.graph.Node;
import dev.tenon.op.cost.Cost;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A step of a call: one run of a kernel. A node has no step if planning computes its result, or if its result is a part
 * of another value.
 *
 * @param node the node that is computed, of {@link Inspection#graph} or of a body in it; a node of its own if the step copies a
 *     result into a {@linkplain SessionOptions#state state}
 * @param kernel the id of the kernel; {@code reference} where the operator's reference runs, {@code bodies} for control
 *     operators, {@code as shapes come} where the kernel is selected during the call
 * @param inputs the types of the operands, null for operands that are left out
 * @param outputs the types of the outputs, null for outputs that the graph does not use
 * @param cost the work by the operator's definition, empty if a shape is only known during the call, or the operator
 *     has bodies
 * @param refusals why no better kernel computes the step: a line for each, such as {@code gemm_f32_amx: the weights are not
 *     packed}, or {@code runs by reference: } and a reason. Empty if there is no better one
 */
public record StepInfo(
        Node node,
        String kernel,
        List<ValueType> inputs,
        List<ValueType> outputs,
        Optional<Cost> cost,
        List<String> refusals) {
    /** Copies the lists. */
    public StepInfo {
        inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
        outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
        refusals = List.copyOf(refusals);
    }

    static StepInfo of(Step step, Plan plan) {
        List<ValueType> inputs = new ArrayList<>(step.types().inputs());
        List<ValueType> outputs = new ArrayList<>(step.types().outputs());
        List<String> refusals = step.refusals(plan.program().kernels());
        return new StepInfo(step.node(), step.kernelId(), inputs, outputs, Optional.ofNullable(step.cost()), refusals);
    }

    static List<StepInfo> of(Plan plan) {
        return plan.steps().stream().map(step -> of(step, plan)).toList();
    }
}
