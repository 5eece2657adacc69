package dev.tenon;

import dev.tenon.graph.Node;
import dev.tenon.op.cost.Cost;
import dev.tenon.plan.Step;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A step of a call: one kernel over one set of outputs. Views and what is computed while planning are no steps.
 *
 * @param node what is computed, a node of {@link Session#graph} or of a body in it
 * @param kernel the id of the kernel; {@code reference} where the operator's reference runs, {@code bodies} for control
 *     operators, {@code as shapes come} where a kernel is chosen when the step runs
 * @param inputs the types of the operands, null for those left out
 * @param outputs the types of the outputs, null for those nobody asks for
 * @param cost the work by the operator's definition, or null if a shape is only known when the step runs, or the
 *     operator holds bodies
 */
public record StepInfo(Node node, String kernel, List<ValueType> inputs, List<ValueType> outputs, Cost cost) {
    /**
     * A step.
     *
     * @param node what is computed
     * @param kernel the id of the kernel
     * @param inputs the types of the operands
     * @param outputs the types of the outputs
     * @param cost the work, or null
     */
    public StepInfo {
        inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
        outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
    }

    static StepInfo of(Step step) {
        List<ValueType> inputs = new ArrayList<>(step.types().inputs());
        List<ValueType> outputs = new ArrayList<>(step.types().outputs());
        return new StepInfo(step.node(), step.kernelId(), inputs, outputs, step.cost());
    }

    static List<StepInfo> of(List<Step> steps) {
        return steps.stream().map(StepInfo::of).toList();
    }
}
