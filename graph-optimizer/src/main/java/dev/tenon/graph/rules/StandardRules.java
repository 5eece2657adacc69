package dev.tenon.graph.rules;

import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.Op;
import java.util.function.Predicate;

/** The rules that sessions use, in the order in which they are tried. */
public final class StandardRules {
    /** All of them. */
    public static final RuleSet ALL = AlgebraRules.SET
            .plus(TransposeRules.SET)
            .plus(TurnedViewRules.SET)
            .plus(FeatureOrderRules.SET)
            .plus(ShapeRules.SET)
            .plus(WeightRules.SET)
            .plus(InputRules.SET)
            .plus(PadRules.SET)
            .plus(ProductRules.SET)
            .plus(ConvolutionRules.SET)
            .plus(ActivationRules.SET)
            .plus(NormRules.SET)
            .plus(SqueezeExciteRules.SET)
            .plus(RotaryRules.SET)
            .plus(AttentionRules.SET)
            .plus(AttentionMaskRules.SET)
            .plus(QkvRules.SET)
            .plus(ReversalRules.SET)
            .plus(RecurrentRules.SET)
            .plus(QuantRules.SET)
            .plus(FakeQuantRules.SET)
            .plus(DynamicQuantRules.SET);

    private StandardRules() {}

    /**
     * The rules that keep every bit of every result.
     *
     * @return the set
     */
    public static RuleSet exact() {
        return ALL.where(Rule::exact);
    }

    /**
     * The rules that pay on a machine.
     *
     * @param fast tells whether an operator has kernels
     * @return the set
     */
    public static RuleSet paying(Predicate<Class<? extends Op>> fast) {
        return ALL.where(rule -> rule.product() == null || fast.test(rule.product()));
    }
}
