package dev.tenon.graph.control;

import dev.tenon.op.OpSet;
import dev.tenon.op.catalog.TensorOperators;
import dev.tenon.op.fused.FusedOperators;
import dev.tenon.op.gradient.GradientOperators;

/**
 * The operators that every model may use: those of the standard and of its widely used extension, and those that the
 * optimiser and gradients make of them. A caller's own operators are added by {@link OpSet#plus}.
 */
public final class StandardOperators {
    // A union is searched from its end: the operators that most models have come last.
    private static final OpSet SET = GradientOperators.set()
            .plus(FusedOperators.set())
            .plus(ControlOperators.set())
            .plus(TensorOperators.set());

    private StandardOperators() {}

    /**
     * All of them. The classes of a family of operators are loaded when a program first looks one of them up.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
