package dev.tenon.op.catalog;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;

/**
 * The operators that work on tensors alone: those of the standard, and those of its widely used extension that the
 * standard's operators can't express. The table of a family is loaded when a look-up reaches it. A look-up passes through
 * the families until one has the operator, and makes the entry of that operator alone.
 */
public final class TensorOperators {
    // A union is searched from its end. Families that most models have come last, so that they are searched first.
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, TensorOperators::others)
            .plus(OpSet.lazy(Domains.MICROSOFT, ContribOperators::set))
            .plus(OpSet.lazy(Domains.ML, TabularOperators::set))
            .plus(ShapeOperators.others())
            .plus(NnOperators.channels())
            .plus(ReduceOperators.set())
            .plus(NnOperators.rows())
            .plus(ShapeOperators.common())
            .plus(MathOperators.set());

    private TensorOperators() {}

    /** Families of the main domain that few models have. */
    private static OpSet others() {
        return VisionOperators.set()
                .plus(SignalOperators.set())
                .plus(RandomOperators.set())
                .plus(LossOperators.set())
                .plus(SequenceOperators.set())
                .plus(TextOperators.set())
                .plus(RecurrentOperators.set())
                .plus(QuantOperators.set())
                .plus(AttentionOperators.set());
    }

    /**
     * All families.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
