package dev.tenon.op.catalog;

import dev.tenon.op.OpSet;

/**
 * The operators that work on tensors alone: those of the standard, and those of its widely used extension that the
 * standard's operators can't express. The table of a family is made when a look-up reaches it. A look-up passes through
 * the families until one has the operator.
 */
public final class TensorOperators {
    // A union is searched from its end. Families that most models have come last, so that they are searched first.
    private static final OpSet SET = VisionOperators.set()
            .plus(SignalOperators.set())
            .plus(RecurrentOperators.set())
            .plus(RandomOperators.set())
            .plus(LossOperators.set())
            .plus(ContribOperators.set())
            .plus(QuantOperators.set())
            .plus(SequenceOperators.set())
            .plus(TextOperators.set())
            .plus(TabularOperators.set())
            .plus(AttentionOperators.set())
            .plus(ShapeOperators.others())
            .plus(MathOperators.others())
            .plus(NnOperators.channels())
            .plus(ReduceOperators.set())
            .plus(NnOperators.rows())
            .plus(ShapeOperators.common())
            .plus(MathOperators.common());

    private TensorOperators() {}

    /**
     * All families.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
