package dev.tenon.op.fused;

import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Operators that are connected to each other. Values are numbered: first the inputs, then the constants, then the
 * outputs of the steps in order. An operand that is left out has the number {@link Fused#ABSENT}.
 *
 * @param inputs the number of inputs
 * @param constants its constant tensors
 * @param steps the operators in order
 * @param results the numbers of the values that are its outputs
 */
public record Composition(int inputs, List<Tensor> constants, List<Step> steps, List<Integer> results) {
    /**
     * An operator with the numbers of its operands.
     *
     * @param op the operator
     * @param operands the numbers of its operands
     * @param outputs how many outputs it has
     */
    public record Step(Op op, List<Integer> operands, int outputs) {
        /**
         * A step.
         *
         * @param op the operator
         * @param operands the numbers of its operands
         * @param outputs how many outputs it has
         */
        public Step {
            operands = List.copyOf(operands);
        }
    }

    /**
     * A composition.
     *
     * @param inputs the number of inputs
     * @param constants its constant tensors
     * @param steps the operators in order
     * @param results the numbers of the values that are its outputs
     */
    public Composition {
        constants = List.copyOf(constants);
        steps = List.copyOf(steps);
        results = List.copyOf(results);
    }

    private static <V> List<V> operands(Step step, List<V> values) {
        List<V> operands = new ArrayList<>();
        for (int number : step.operands) {
            operands.add(number == Fused.ABSENT ? null : values.get(number));
        }
        return operands;
    }

    private <V> List<V> results(List<V> values) {
        List<V> chosen = new ArrayList<>();
        for (int number : results) {
            chosen.add(values.get(number));
        }
        return chosen;
    }

    /** The first operands of a node, in a list that can grow; null for each that is absent. */
    static List<InferContext.Operand> operands(InferContext c, int count) {
        List<InferContext.Operand> operands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            operands.add(c.has(i) ? new InferContext.Operand(c.type(i), c.constant(i), c.symbolic(i)) : null);
        }
        return operands;
    }

    List<ValueType> infer(InferContext c) {
        List<InferContext.Operand> values = operands(c, inputs);
        for (Tensor constant : constants) {
            values.add(new InferContext.Operand(constant));
        }
        for (Step step : steps) {
            InferContext own = c.part(step.op, operands(step, values), step.outputs);
            step.op.schema().check(own);
            for (ValueType type : step.op.infer(own)) {
                values.add(new InferContext.Operand(type));
            }
        }
        List<ValueType> types = new ArrayList<>();
        for (InferContext.Operand value : values) {
            types.add(value == null ? null : value.type());
        }
        return results(types);
    }

    List<Datum> reference(Operands in) {
        List<Datum> values = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            values.add(in.has(i) ? in.get(i) : null);
        }
        values.addAll(constants);
        for (Step step : steps) {
            values.addAll(in.part(step.op, operands(step, values), step.outputs).evaluate());
        }
        return results(values);
    }
}
