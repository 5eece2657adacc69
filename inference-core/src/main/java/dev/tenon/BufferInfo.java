package dev.tenon;

import dev.tenon.graph.Value;
import dev.tenon.plan.Buffer;
import dev.tenon.plan.KernelOperand;
import dev.tenon.plan.KernelOperand.BufferOperand;
import dev.tenon.plan.Plan;
import dev.tenon.plan.Step;
import dev.tenon.plan.ValueLocation;
import dev.tenon.plan.ValueLocation.InBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A range of the memory of a call, and its lifetime. Values share it: a value with its views, and values that are computed in
 * place. Ranges whose lifetimes do not overlap may have the same place. A value that is computed straight into a part of another
 * one has a range within that of the other.
 *
 * @param bytes its size
 * @param offset where it begins in the memory of the call, in bytes
 * @param firstStep the index of the step that writes it first; -1 for inputs of the model
 * @param lastStep the index of the last step that uses it; the number of steps for outputs of the model
 * @param values the names of the values that inputs and steps put there, in alphabetical order
 */
public record BufferInfo(long bytes, long offset, int firstStep, int lastStep, List<String> values) {
    /** Copies the list. */
    public BufferInfo {
        values = List.copyOf(values);
    }

    static List<BufferInfo> of(Plan plan) {
        List<Set<String>> names = new ArrayList<>();
        plan.buffers().forEach(buffer -> names.add(new TreeSet<>()));
        name(plan.program().graph().inputs(), plan.inputs(), names);
        for (Step step : plan.steps()) {
            List<Value> outputs = step.node().outputs();
            switch (step) {
                case Step.DynamicStep d -> name(outputs, d.outputs(), names);
                case Step.KernelStep k -> {
                    int before = step.node().inputs().size();
                    for (int i = 0; i < outputs.size(); i++) {
                        KernelOperand operand = k.operands().get(before + i);
                        if (outputs.get(i) != null && operand instanceof BufferOperand b) {
                            names.get(b.buffer()).add(outputs.get(i).name());
                        }
                    }
                }
            }
        }
        List<BufferInfo> all = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Buffer b = plan.buffers().get(i);
            all.add(new BufferInfo(b.bytes(), b.offset(), b.first(), b.last(), List.copyOf(names.get(i))));
        }
        return all;
    }

    private static void name(List<Value> values, List<ValueLocation> locations, List<Set<String>> names) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) != null && locations.get(i) instanceof InBuffer b) {
                names.get(b.buffer()).add(values.get(i).name());
            }
        }
    }
}
