package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.fused.Composition;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.QuantizedOperator;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Replaces an operator on quantised numbers by those that it stands for. The rules for them, such as {@link FakeQuantRules},
 * then bring them into a form with kernels.
 */
public final class QuantizedOperatorRules {
    /** The rule. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("quantized-operator", op(QuantizedOperator.class).open(), QuantizedOperatorRules::parts));

    private QuantizedOperatorRules() {}

    private static Value parts(Match m, Emitter to) {
        List<Value> values = new ArrayList<>(m.root().inputs());
        List<ValueType> types = new ArrayList<>();
        values.forEach(v -> types.add(v == null ? null : v.type()));
        Composition composition = m.rootOp(QuantizedOperator.class).composition(types, 1);
        for (Tensor tensor : composition.constants()) {
            values.add(to.constant(tensor));
        }
        for (Composition.Step step : composition.steps()) {
            List<Value> operands = new ArrayList<>();
            step.operands().forEach(i -> operands.add(i == Fused.ABSENT ? null : values.get(i)));
            values.addAll(to.add(step.op(), operands, step.outputs()));
        }
        return values.get(composition.results().getFirst());
    }
}
